import ConnectionTracking
import PacketDecoding
import StateAccounting

/// Reads the figures of one metric on one side out of the accounts, by whatever they are asked for.
struct MetricReader {
  let metric: AlertMetric
  let side: AlertRule.Side
  let now: AlertReadings
  /// The reading before; nil at the first, which therefore gives no rate.
  let before: (readings: AlertReadings, elapsed: Seconds)?

  /// nil when the figure cannot be known. A subject without an entry has none of it.
  func values(by grouping: AlertRule.Grouping) -> [AlertSubject: Double]? {
    guard now.knowsLocal || !side.needsLocality else { return nil }
    return switch metric.definition.source {
    case .captureDrops: capturePercent.map { [.host: $0] }
    case .ends: counts(now, by: grouping)?.mapValues(Double.init)
    case .rate: rates(by: grouping)
    }
  }

  /// Shares of the figure per peer of one service, or of all; empty for what is not kept per peer.
  func peers(of service: Endpoint?) -> [AlertSubject: Double] {
    guard metric.groupings.contains(.peer), let figures = values(peers: { service == nil || $0.service == service })
    else { return [:] }
    return figures
  }

  private func rates(by grouping: AlertRule.Grouping) -> [AlertSubject: Double]? {
    guard let before, let old = counts(before.readings, by: grouping), let new = counts(now, by: grouping) else {
      return nil
    }
    return perSecond(new, old, isComplete: grouping != .peer)
  }

  /// The list of peers is cut: one that was not in it before has no rate yet, while a new service began at 0.
  private func perSecond(
    _ new: [AlertSubject: Int],
    _ old: [AlertSubject: Int],
    isComplete: Bool
  ) -> [AlertSubject: Double]? {
    guard let elapsed = before?.elapsed.value, elapsed > 0 else { return nil }
    return Dictionary(
      uniqueKeysWithValues: new.map { subject, count in
        let earlier = old[subject] ?? (isComplete ? 0 : count)
        return (subject, Double(max(0, count - earlier)) / elapsed)
      }
    )
  }

  private var capturePercent: Double? {
    guard let old = before?.readings else { return nil }
    let dropped = max(0, now.dropped - old.dropped)
    let all = max(0, now.captured - old.captured) + dropped
    return all > 0 ? 100 * Double(dropped) / Double(all) : nil
  }
}

extension MetricReader {
  private func counts(_ readings: AlertReadings, by grouping: AlertRule.Grouping) -> [AlertSubject: Int]? {
    let accounts = readings.accounts
    return switch grouping {
    case .host: count(accounts).map { [.host: $0] }
    case .service:
      accounts.services.reduce(into: [:]) { $0[.service($1.service), default: 0] += count($1) ?? 0 }
    case .peer: peerCounts(accounts) { _ in true }
    case .unit: owned(accounts)
    }
  }

  /// Ends of this host by who holds them, as far as that is known; nil for what is not counted by owner.
  private func owned(_ accounts: Accounts) -> [AlertSubject: Int]? {
    guard side == .local, case .ends(let phases) = metric.definition.source else { return nil }
    return accounts.owners.reduce(into: [:]) { counts, owner in
      guard let unit = owner.unit else { return }
      counts[.unit(unit), default: 0] += phases.reduce(0) { $0 + owner.local[$1] }
    }
  }

  private func values(peers isWanted: (PeerAccount) -> Bool) -> [AlertSubject: Double]? {
    let new = peerCounts(now.accounts, isWanted)
    guard case .rate = metric.definition.source else { return new.mapValues(Double.init) }
    guard let before else { return nil }
    return perSecond(new, peerCounts(before.readings.accounts, isWanted), isComplete: false)
  }

  private func peerCounts(_ accounts: Accounts, _ isWanted: (PeerAccount) -> Bool) -> [AlertSubject: Int] {
    let localities = Dictionary(accounts.services.map { ($0.service, $0.locality) }) { first, _ in first }
    return accounts.peers.reduce(into: [:]) { counts, peer in
      guard isWanted(peer) else { return }
      counts[.peer(peer.address), default: 0] += count(peer, of: localities[peer.service] ?? nil) ?? 0
    }
  }

  private func count(_ accounts: Accounts) -> Int? {
    switch metric.definition.source {
    case .ends(let phases): accounts.ends(in: phases, side: side)
    case .rate(let event): accounts.events(event, side: side)
    case .captureDrops: nil
    }
  }

  private func count(_ service: ServiceAccount) -> Int? {
    switch metric.definition.source {
    case .ends(let phases): service.ends(in: phases, side: side)
    case .rate(let event): service.events(event, side: side)
    case .captureDrops: nil
    }
  }

  private func count(_ peer: PeerAccount, of locality: Locality?) -> Int? {
    switch metric.definition.source {
    case .ends(let phases): phases == [.timeWait] ? peer.timeWait(side: side, of: locality) : nil
    case .rate(let event): peer.events(event, side: side, of: locality)
    case .captureDrops: nil
    }
  }
}
