internal import ConnectionTracking
internal import PacketDecoding

extension CloseFacts {
  /// The cause when this connection alone tells it. (Mutating: what is only read would be copied.)
  mutating func plainCause() -> CauseVerdict? {
    switch kind {
    case .none, .expired: return CauseVerdict(deadPeer ? .deadPeer : .unknown, confidence: deadPeer ? 0.7 : 0)
    case .refused: return CauseVerdict(.refused)
    case .reused: return CauseVerdict(.unknown, confidence: 0)
    case .fin, .rst: if isPartial { return CauseVerdict(.unknown, confidence: 0) }
    }
    if !hasPayload { return mayBeSurplus ? nil : CauseVerdict(.probe) }
    if facts.isReuseRace { return CauseVerdict(.reuseRace) }
    if facts.requestCrossedFIN { return CauseVerdict(.reuseRace, confidence: 0.8) }
    if isRaceLostInSocket { return CauseVerdict(.reuseRace, confidence: 0.7) }
    return mayBelongToBurst ? nil : ownCause
  }

  /// What headers and unfinished messages tell.
  @inline(__always)
  private var ownCause: CauseVerdict? {
    if let unfinishedCause { return unfinishedCause }
    if isHTTP10 { return CauseVerdict(.http10) }
    return requestedBy == .client ? CauseVerdict(.clientAsked) : nil
  }

  /// A request after a silence that is answered by RST at once: it lay unread in the socket when the server closed it
  /// for idleness, and that makes the close an RST.
  @inline(__always)
  private var isRaceLostInSocket: Bool {
    guard closedFirst == .server, isAbrupt, facts.closedWithRequestOutstanding, conversation == .http1 else {
      return false
    }
    return exchanges ?? 0 > 0 && lastGap >= Seconds(1) && idle ?? Seconds(1) < Self.shortestIdle
  }

  /// The same, where the server still sent its FIN (Apache, in its lingering close): the silence before the request was
  /// the server's time-out.
  private func isRaceAtTimeout(in population: Population) -> Bool {
    guard closedFirst == .server, facts.closedWithRequestOutstanding, conversation == .http1, exchanges ?? 0 > 0,
      lastGap >= Self.shortestIdle, idle ?? Seconds(1) < Self.shortestIdle
    else { return false }
    return population.serverIdles.areAlike(lastGap)
      && population.serverIdles.neighbours(of: lastGap) >= Self.clusterSize
  }

  /// The cause of a close that does not tell it alone (`plainCause()`), with what is known of all connections of the
  /// service.
  func cause(in population: Population) -> CauseVerdict {
    if !hasPayload { return isSurplus ? CauseVerdict(.poolOverflow, confidence: 0.6) : CauseVerdict(.probe) }
    if isRaceAtTimeout(in: population) { return CauseVerdict(.reuseRace, confidence: 0.7) }
    if mayBelongToBurst, let cause = burstCause(in: population) ?? ownCause { return cause }
    if isAnnouncedByServer { return announcedCause(in: population) }
    if let quiet = quietCause(in: population) { return quiet }
    if deadPeer { return CauseVerdict(.deadPeer, confidence: 0.8) }
    return conversation == .tls ? CauseVerdict(.tlsOpaque) : CauseVerdict(.unknown, confidence: 0)
  }

  // MARK: In the middle of something

  @inline(__always)
  private var unfinishedCause: CauseVerdict? {
    // Who closes first is a matter of who is faster: the server reads on for a while, so that its answer is not lost.
    if facts.answeredEarly, facts.closedWithRequestUnfinished || requestedBy == .server {
      return CauseVerdict(.requestUnread)
    }
    if facts.closedWithRequestOutstanding, conversation != .tls || exchanges != nil {
      let confidence = conversation == .http1 ? 1 : 0.6
      return CauseVerdict(closedFirst == .client ? .clientGaveUp : .noResponse, confidence: confidence)
    }
    return facts.closedWithAnswerUnread ? CauseVerdict(.responseUnread) : nil
  }

  // MARK: Announced by the server

  private func announcedCause(in population: Population) -> CauseVerdict {
    let counts = population.announcedCounts
    guard let exchanges, exchanges > 1, counts.count > 1 else { return CauseVerdict(.serverAsked) }
    let equal = counts.count { $0 == exchanges }
    if equal > 1, equal * 2 > counts.count {
      return CauseVerdict(.maxRequests, confidence: min(0.99, 0.5 + 0.1 * Double(equal)))
    }
    let ages = population.announcedAges
    if ages.count >= 5, ages.count(where: { ($0 - life).magnitude <= Self.spread(of: life) }) * 2 > ages.count {
      return CauseVerdict(.maxAge, confidence: 0.8)
    }
    return CauseVerdict(.serverAsked)
  }

  /// How far apart the ages of connections may lie that have the same limit: a request comes now and then.
  private static func spread(of age: Seconds) -> Seconds {
    Seconds(nanoseconds: max(500_000_000, age.nanoseconds / 10))
  }

  // MARK: In silence

  private func quietCause(in population: Population) -> CauseVerdict? {
    if let idle = idleAfterExchange, closedFirst == .server || closedFirst == .client && isWait(idle, in: population) {
      if isAbrupt, idle > Self.shortestMiddleboxIdle { return CauseVerdict(.middlebox, confidence: 0.6) }
      let isCluster = population.idles(closedBy: closedFirst).neighbours(of: idle) >= Self.clusterSize
      return CauseVerdict(closedFirst == .server ? .serverIdle : .clientIdle, confidence: isCluster ? 0.95 : 0.6)
    }
    guard idle != nil, closedFirst != .server, closedFirst != .none else { return nil }
    if usedAllAnnounced { return CauseVerdict(.maxRequests, confidence: 0.8) }
    if openSiblings > 0, siblingsWereReused, clientWentOn || clientDiscards {
      return CauseVerdict(.poolOverflow, confidence: 0.8)
    }
    guard let exchanges else { return nil }
    if exchanges == 0 { return nil }
    return CauseVerdict(exchanges == 1 ? .noPool : .clientDone, confidence: 0.8)
  }

  /// The client counted down with the server's `Keep-Alive: max` and closed by itself, as the JDK's HttpURLConnection
  /// does: Apache's last answers say `max=1`, and then `Connection: close`.
  private var usedAllAnnounced: Bool {
    guard let announcedMaximum, let exchanges else { return false }
    return announcedMaximum <= 1 && exchanges > 1
  }

  /// A client that had to wait for a processor looks as if it had waited for something. A time-out of less than a
  /// second would have to be what most closes of the service's clients have in common.
  private func isWait(_ idle: Seconds, in population: Population) -> Bool {
    idle >= Seconds(1) || population.isShortTimeout(idle)
  }

  private static let clusterSize = 5
  /// Azure's load balancer forgets after 240 s, AWS's after 350 s.
  private static let shortestMiddleboxIdle = Seconds(239)

  // MARK: All at once

  /// Some servers look once a second for those whose time has come.
  private func isTimeout(_ idle: Seconds, in population: Population) -> Bool {
    population.serverIdles.isCommon(idle, within: max(Seconds(1), Seconds(nanoseconds: idle.nanoseconds / 50)))
  }

  /// Connections whose idle time-out ran out together, after a load that stopped, are no burst: their silences are
  /// alike.
  private func burstCause(in population: Population) -> CauseVerdict? {
    guard let burst = population.burst(at: at) else { return nil }
    if burst.wasRefusedAfter { return CauseVerdict(.processExit, confidence: 0.9) }
    guard let idle = idleAfterExchange, !isTimeout(idle, in: population) else { return nil }
    return burst.wasOpenedAfter ? CauseVerdict(.drain, confidence: 0.8) : CauseVerdict(.processExit, confidence: 0.5)
  }
}
