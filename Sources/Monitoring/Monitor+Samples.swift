package import Alerting
internal import ConnectionTracking
internal import PacketDecoding

extension Monitor {
  private static let sampleLimit = 20
  /// Places that are looked at for them, so that a full table does not hold capture up.
  private static let sampleSearch = 65536

  /// Connections that show what an alert is about: the newest of those that count, and whose they are.
  package func examples(of rule: AlertRule, _ subject: AlertSubject) -> AlertExamples {
    let choice = SampleChoice(rule: rule, subject: subject)
    var samples = NewestSamples(limit: Self.sampleLimit)
    var services: [Endpoint: Int] = [:]
    var peers: [IPAddress: Int] = [:]
    func consider(_ connection: ConnectionView) {
      let isIncluded = choice.includes(connection) { role in
        rule.olderThan == .zero
          || tracker.waitingEnd(connection, role, at: books.now).map { books.now - $0.active >= rule.olderThan }
            ?? false
      }
      guard isIncluded, choice.includes(unit: { owners(of: connection) }) else { return }
      samples.add(connection)
      guard !choice.wantsEnded else { return }
      services[connection.server, default: 0] += 1
      peers[connection.client.address, default: 0] += 1
    }
    if choice.wantsEnded {
      for number in books.ended.suffix(Self.sampleSearch).reversed() where !samples.isFull {
        if let connection = books.connection(ended: number) { consider(connection) }
      }
    }
    for number in (0..<tracker.table.slotLimit).suffix(Self.sampleSearch) {
      if let connection = tracker.table.connection(atNumber: number) { consider(connection) }
    }
    var examples = AlertExamples()
    examples.samples = samples.all
    examples.services = AlertExamples.services(services)
    examples.peers = AlertExamples.peers(peers)
    return examples
  }
}

/// The newest of many, newest first: the many are not kept, for capture waits meanwhile.
private struct NewestSamples {
  private var kept: [(serial: UInt64, sample: AlertSample)] = []
  private let limit: Int

  init(limit: Int) {
    self.limit = limit
    kept.reserveCapacity(limit + 1)
  }

  var isFull: Bool { kept.count >= limit }
  var all: [AlertSample] { kept.map(\.sample) }

  mutating func add(_ connection: ConnectionView) {
    let serial = connection.detail.serial
    if isFull, let oldest = kept.last, serial <= oldest.serial { return }
    let place = kept.lastIndex { $0.serial > serial }.map { $0 + 1 } ?? 0
    kept.insert((serial, AlertSample(connection)), at: place)
    if kept.count > limit { kept.removeLast() }
  }
}

/// Which connections a rule and a subject are about.
private struct SampleChoice {
  let rule: AlertRule
  let subject: AlertSubject

  /// What counts events is shown by those that are over.
  var wantsEnded: Bool {
    switch rule.metric.source {
    case .rate(.open), .ends, .ports, .modelDrift, .tableUsed: false
    case .rate, .events, .share: true
    }
  }

  /// - Parameter hasAge: whether the end with this role has waited for as long as the rule says.
  func includes(_ connection: ConnectionView, hasAge: (Role) -> Bool) -> Bool {
    guard isAbout(connection) else { return false }
    switch rule.metric.source {
    case .ends(let phases):
      return [Role.client, .server].contains { role in
        let phase = role == .client ? connection.flow.clientPhase : connection.flow.serverPhase
        return phases.contains(phase) && isCounted(role, of: connection) && hasAge(role)
      }
    case .rate(.open): return true
    case .rate(.close), .share(.closedFirst): return connection.flow.closedFirst != .none
    case .rate(.reset): return connection.flow.closeKind == .rst
    case .rate(.refusal): return connection.flow.closeKind == .refused
    case .share(.reused): return connection.flow.closeKind != .none
    case .ports: return connection.flow.localSide.locality(of: .client) == .local
    case .rate(.reuseRace), .events, .share(.captureDrops), .modelDrift, .tableUsed: return false
    }
  }

  private func isAbout(_ connection: ConnectionView) -> Bool {
    guard rule.filter.includes(client: connection.client, server: connection.server) else { return false }
    switch subject {
    case .host, .unit: return true
    case .service(let service), .destination(let service): return connection.server == service
    case .peer(let address): return connection.client.address == address
    }
  }

  private func isCounted(_ role: Role, of connection: ConnectionView) -> Bool {
    let locality = connection.flow.localSide.locality(of: role)
    return switch rule.side {
    case .any: true
    case .client: role == .client
    case .server: role == .server
    case .local: locality == .local
    case .remote: locality == .remote
    case .transit: locality == .transit
    }
  }

  func includes(unit owners: () -> (owner: OwnerRecord?, client: OwnerRecord?)) -> Bool {
    var wanted = rule.filter
    if case .unit(let name) = subject { wanted.units = [name] }
    guard !wanted.units.isEmpty else { return true }
    let (owner, client) = owners()
    return wanted.includes(unit: owner?.unit) || wanted.includes(unit: client?.unit)
  }
}

extension AlertSample {
  fileprivate init(_ connection: ConnectionView) {
    self.init(
      client: connection.client,
      server: connection.server,
      clientPhase: connection.flow.clientPhase,
      serverPhase: connection.flow.serverPhase,
      start: connection.flow.traits.fromKernel ? nil : connection.start,
      closedFirst: connection.flow.closedFirst
    )
  }
}
