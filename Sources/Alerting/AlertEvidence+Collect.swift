import CloseDiagnosis
import ConnectionTracking
import PacketDecoding
import StateAccounting

extension AlertEvidence {
  /// As many services and peers as a person reads.
  static let limit = 5

  /// What stands behind the figure of `subject`, as the reader sees it now; what accounts do not tell, by the
  /// connections.
  init(for subject: AlertSubject, reader: MetricReader, examples: AlertExamples) {
    self.init()
    switch subject {
    case .host:
      owners = Self.owners(reader.contributions(by: .unit))
      services = Self.services(reader.contributions(by: .service))
      peers = Self.peers(reader.peers(of: services.first?.subject))
    case .service(let service):
      services = Self.services(reader.contributions(by: .service).filter { $0.key == subject })
      peers = Self.peers(reader.peers(of: service))
    case .destination(let service):
      services = Self.services(reader.contributions(by: .destination).filter { $0.key == subject })
      peers = Self.peers(reader.peers(of: service))
    case .peer(let address):
      services = Self.services(reader.services(of: address))
      peers = Self.peers(reader.contributions(by: .peer).filter { $0.key == subject })
    case .unit: owners = Self.owners(reader.contributions(by: .unit).filter { $0.key == subject })
    }
    if services.isEmpty { services = examples.services }
    if peers.isEmpty { peers = examples.peers }
    samples = examples.samples
    findings = Array(reader.now.findings().filter { isAbout($0, subject) }.prefix(Self.findingLimit))
    guard let top = services.first?.subject ?? subject.service, let account = reader.account(of: top) else { return }
    closedFirst = account.closedFirst
    causes = reader.now.causes.byService[top]?.counts ?? CauseCounts()
    owner = account.owner
    exchangesPerConnection = account.histograms.exchanges.mean
  }

  private static let findingLimit = 3

  private func isAbout(_ finding: Finding, _ subject: AlertSubject) -> Bool {
    guard let service = finding.service else { return subject == .host }
    return service == services.first?.subject ?? subject.service
  }

  private static func services(_ values: [AlertSubject: Double]) -> [Share<Endpoint>] {
    largest(values.map { ($0.key, $0.value) }).compactMap { subject, count in
      subject.service.map { Share(subject: $0, count: count) }
    }
  }

  private static func owners(_ values: [AlertSubject: Double]) -> [Share<String>] {
    largest(values.map { ($0.key, $0.value) }).compactMap { subject, count in
      guard case .unit(let name) = subject else { return nil }
      return Share(subject: name, count: count)
    }
  }

  private static func peers(_ values: [AlertSubject: Double]) -> [Share<IPAddress>] {
    largest(values.map { ($0.key, $0.value) }).compactMap { subject, count in
      guard case .peer(let address) = subject else { return nil }
      return Share(subject: address, count: count)
    }
  }

  /// Most first, of perhaps many; equal ones by address, so that the same traffic gives the same text.
  static func largest(_ values: some Sequence<(AlertSubject, Double)>) -> [(AlertSubject, Int)] {
    var most: [(AlertSubject, Double)] = []
    for value in values where value.1.rounded() > 0 {
      let place = most.firstIndex { isLarger(value, $0) } ?? most.count
      guard place < limit else { continue }
      if most.count == limit { most.removeLast() }
      most.insert(value, at: place)
    }
    return most.map { ($0.0, Int(clamping: Int64($0.1.rounded()))) }
  }

  private static func isLarger(_ a: (AlertSubject, Double), _ b: (AlertSubject, Double)) -> Bool {
    a.1 != b.1 ? a.1 > b.1 : a.0 < b.0
  }
}

extension MetricReader {
  func account(of service: Endpoint) -> ServiceAccount? {
    now.accounts.services.first { $0.service == service }
  }

  /// Shares of the figure per service of one peer.
  fileprivate func services(of address: IPAddress) -> [AlertSubject: Double] {
    let services = Set(now.accounts.peers.lazy.filter { $0.address == address }.map(\.service))
    let shares = services.map { (AlertSubject.service($0), peers(of: $0)[.peer(address)] ?? 0) }
    return Dictionary(uniqueKeysWithValues: shares)
  }
}
