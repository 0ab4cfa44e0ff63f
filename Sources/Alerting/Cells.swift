import CloseDiagnosis
import ConnectionTracking
import PacketDecoding
import StateAccounting

/// The accounts of one reading, as one rule counts them.
struct Cells {
  let rule: AlertRule
  let readings: AlertReadings
  private let races: [Endpoint: Int]

  init(rule: AlertRule, readings: AlertReadings) {
    self.rule = rule
    self.readings = readings
    let counts = rule.metric.definition.source == .events(.reuseRace) ? readings.causes.services : []
    races = Dictionary(counts.map { ($0.service, $0.causes.counts[.reuseRace]) }) { $0 + $1 }
  }

  private var accounts: Accounts { readings.accounts }
  private var filter: AlertFilter { rule.filter }
  private var services: [ServiceAccount] {
    filter.isEmpty ? accounts.services : accounts.services.filter { filter.includes($0) }
  }

  /// All there is that the filter lets through, from the coarsest accounts that tell it.
  var ofHost: Tally {
    if filter.isEmpty { return tally(accounts) }
    if !filter.peers.isEmpty { return sum(byPeer(of: nil)) }
    if filter.services.isEmpty, let units = byUnit { return sum(units) }
    return services.reduce(into: Tally()) { $0 += tally($1) }
  }

  private func sum(_ tallies: [AlertSubject: Tally]) -> Tally { tallies.values.reduce(into: Tally(), +=) }

  /// - Parameter subject: what an account counts for; nil for nothing.
  func byService(_ subject: (ServiceAccount) -> AlertSubject?) -> [AlertSubject: Tally] {
    guard filter.peers.isEmpty else {
      let wanted = services.filter { subject($0) != nil }
      return wanted.reduce(into: [:]) { tallies, service in
        if let key = subject(service) { tallies[key, default: Tally()] += sum(byPeer(of: service.service)) }
      }
    }
    return services.reduce(into: [:]) { tallies, service in
      if let key = subject(service) { tallies[key, default: Tally()] += tally(service) }
    }
  }

  /// - Parameter service: of this one alone; nil for all.
  func byPeer(of service: Endpoint?) -> [AlertSubject: Tally] {
    let known = Dictionary(services.map { ($0.service, $0.locality) }) { first, _ in first }
    return accounts.peers.reduce(into: [:]) { tallies, peer in
      guard service == nil || peer.service == service, filter.includes(peer: peer.address) else { return }
      guard filter.isEmpty || known[peer.service] != nil else { return }
      tallies[.peer(peer.address), default: Tally()] += tally(peer, of: known[peer.service] ?? nil)
    }
  }

  /// Ends of this host by who holds them, as far as that is known; nil for what is not counted by owner.
  var byUnit: [AlertSubject: Tally]? {
    guard rule.side == .local, case .ends(let phases) = rule.metric.definition.source else { return nil }
    return accounts.owners.reduce(into: [:]) { tallies, owner in
      guard let unit = owner.unit, filter.includes(unit: unit) else { return }
      tallies[.unit(unit), default: Tally()] += Tally(part: phases.reduce(0) { $0 + owner.local[$1] })
    }
  }
}

// MARK: One account

extension Cells {
  private func tally(_ accounts: Accounts) -> Tally {
    switch rule.metric.definition.source {
    case .ends(let phases): Tally(part: accounts.ends(in: phases, side: rule.side))
    case .events(.reuseRace): Tally(part: readings.causes.whole[.reuseRace])
    case .rate(let event), .events(let event): Tally(part: accounts.events(event, side: rule.side))
    case .share(.captureDrops): Tally(part: readings.dropped, whole: readings.captured + readings.dropped)
    case .share: accounts.services.reduce(into: Tally()) { $0 += tally($1) }
    case .ports, .modelDrift, .tableUsed: Tally()
    }
  }

  private func tally(_ service: ServiceAccount) -> Tally {
    switch rule.metric.definition.source {
    case .ends(let phases): Tally(part: service.ends(in: phases, side: rule.side))
    case .events(.reuseRace): Tally(part: races[service.service] ?? 0)
    case .rate(let event), .events(let event): Tally(part: service.events(event, side: rule.side))
    case .share(.closedFirst): closedFirst(service.closedFirst, of: service.locality)
    case .share(.reused): service.reuse
    case .share(.captureDrops), .ports, .modelDrift, .tableUsed: Tally()
    }
  }

  private func tally(_ peer: PeerAccount, of locality: Locality?) -> Tally {
    switch rule.metric.definition.source {
    case .ends: Tally(part: peer.timeWait(side: rule.side, of: locality))
    case .rate(let event), .events(let event): Tally(part: peer.events(event, side: rule.side, of: locality) ?? 0)
    case .share(.closedFirst): closedFirst(peer.closedFirst, of: locality)
    case .share, .ports, .modelDrift, .tableUsed: Tally()
    }
  }

  private func closedFirst(_ counts: Counts<ClosedFirst>, of locality: Locality?) -> Tally {
    let side = rule.side
    guard side.includes(.client, of: locality) || side.includes(.server, of: locality) else { return Tally() }
    return Tally(
      part: side.closes(counts, of: locality),
      whole: counts[.client] + counts[.server] + counts[.simultaneous]
    )
  }
}

extension ServiceAccount {
  /// Of ended connections with an exchange, those with more than one.
  fileprivate var reuse: Tally {
    let counts = histograms.exchangesByBound.counts
    let many = counts.dropFirst(2).reduce(0, +)
    return Tally(part: many, whole: many + (counts.count > 1 ? counts[1] : 0))
  }
}
