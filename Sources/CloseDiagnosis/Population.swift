internal import ConnectionTracking
internal import PacketDecoding

/// What the connections of one service have in common, as far as causes depend on it. Bounded: of each kind the newest.
struct Population: Sendable {
  /// How many exchanges connections had when the server alone announced the close, and how old they were.
  private(set) var announcedCounts = Recent<UInt32>()
  private(set) var announcedAges = Recent<Seconds>()
  /// Silences before closes that followed one, by who closed.
  private(set) var clientIdles = RecentSpans()
  private(set) var serverIdles = RecentSpans()
  /// All before closes by clients that awaited nothing, the shortest too.
  private(set) var clientSilences = RecentSpans()
  /// The longest time-out that a client announced.
  private(set) var clientAnnounced: Seconds?
  private(set) var serverAnnounced: Seconds?
  /// Silences before clients gave up.
  private var giveUps = RecentSpans()
  private(set) var bursts = Recent<Burst>()
  /// After the newest of them nothing was opened yet.
  private(set) var awaitsOpening = false
  /// The newest closes by the server without a word before, oldest first.
  private var unannounced: [Instant] = []
  private var lastRefusal: Instant?
  private var lastOpening: Instant?
  /// Something was noted since its time-outs were asked for.
  var isStale = false

  /// Many connections closed by the server at once.
  struct Burst: Sendable {
    var first: Instant
    var last: Instant
    var wasRefusedAfter = false
    var wasOpenedAfter = false
  }

  @inline(__always)
  mutating func noteOpening(at now: Instant) {
    lastOpening = now
    if awaitsOpening { noteOpening(afterBurst: now) }
  }

  @inline(never)
  private mutating func noteOpening(afterBurst now: Instant) {
    bursts.updateNewest { burst in
      if now > burst.last, now - burst.last < Self.aftermath { burst.wasOpenedAfter = true }
      awaitsOpening = !burst.wasOpenedAfter
    }
  }

  /// - Parameter close: not changed. (What is only read would be copied.)
  mutating func note(_ close: inout CloseFacts) {
    if close.kind == .refused {
      lastRefusal = close.at
      bursts.updateNewest { burst in
        if (close.at - burst.last).magnitude < Self.aftermath { burst.wasRefusedAfter = true }
      }
    }
    guard close.hasPayload else { return }
    if close.hasAnnouncements { noteAnnouncements(of: &close) }
    if close.isAnnouncedByServer, let count = close.exchanges {
      announcedCounts.add(count)
      announcedAges.add(close.life)
    }
    if close.mayBelongToBurst { noteUnannounced(at: close.at) }
    if close.closedFirst == .client, !close.facts.closedWithRequestOutstanding, let silence = close.idle {
      clientSilences.add(silence)
    }
    guard let idle = close.idleAfterExchange else { return }
    if close.closedFirst == .server { serverIdles.add(idle) } else { clientIdles.add(idle) }
  }

  @inline(never)
  private mutating func noteAnnouncements(of close: inout CloseFacts) {
    if let announced = close.clientAnnounced.map({ Seconds(Int64($0)) }) {
      clientAnnounced = max(clientAnnounced ?? announced, announced)
    }
    if let announced = close.serverAnnounced { serverAnnounced = Seconds(Int64(announced)) }
  }

  /// A client lost patience.
  mutating func noteGiveUp(after silence: Seconds?) {
    if let silence { giveUps.add(silence) }
  }

  var timeouts: ServiceTimeouts {
    var timeouts = ServiceTimeouts()
    timeouts.client = clientTimeout
    timeouts.server = serverIdles.mode
    timeouts.patience = giveUps.mode
    timeouts.clientAnnounced = clientAnnounced
    timeouts.serverAnnounced = serverAnnounced
    timeouts.requestLimit = requestLimit
    return timeouts
  }

  /// What most announcements have in common.
  private var requestLimit: Int? {
    let counts = announcedCounts.elements.reduce(into: [UInt32: Int]()) { $0[$1, default: 0] += 1 }
    guard let most = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }), most.key > 1, most.value > 1,
      most.value * 2 > announcedCounts.count
    else { return nil }
    return Int(most.key)
  }

  private mutating func noteUnannounced(at moment: Instant) {
    unannounced.append(moment)
    if unannounced.count > Self.burstSize { unannounced.removeFirst() }
    // They are heard of when the other ends have closed, too: in any order.
    guard unannounced.count == Self.burstSize, let first = unannounced.min(), let last = unannounced.max(),
      last - first <= Self.burstSpan
    else { return }
    var goesOn = false
    bursts.updateNewest { burst in
      goesOn = first <= burst.last + Self.burstSpan && burst.first <= last + Self.burstSpan
      guard goesOn else { return }
      burst.first = min(burst.first, first)
      burst.last = max(burst.last, last)
    }
    guard !goesOn else { return }
    // By now somebody may have tried again.
    let burst = Burst(
      first: first,
      last: last,
      wasRefusedAfter: lastRefusal.map { ($0 - last).magnitude < Self.aftermath } ?? false,
      wasOpenedAfter: lastOpening.map { $0 > last } ?? false
    )
    bursts.add(burst)
    awaitsOpening = !burst.wasOpenedAfter
  }

  func burst(at moment: Instant) -> Burst? {
    bursts.elements.first { moment >= $0.first && moment <= $0.last }
  }

  private static let burstSize = 3
  private static let burstSpan = Seconds(nanoseconds: 50_000_000)
  private static let aftermath = Seconds(5)

  /// Mutating for the sake of the array that it is in: what is only read there is copied, each array in it retained.
  mutating func cause(of close: CloseFacts) -> CauseVerdict { close.cause(in: self) }

  /// What clients' silences have in common; a fraction of a second only where nearly all do.
  var clientTimeout: IdleTimeout? {
    guard let mode = clientIdles.mode else { return nil }
    return mode.value >= Seconds(1) || isShortTimeout(mode.value) ? mode : nil
  }

  func isShortTimeout(_ value: Seconds) -> Bool {
    clientSilences.isCommon(value, within: Seconds(nanoseconds: 50_000_000))
  }

  func idles(closedBy closer: ClosedFirst) -> RecentSpans {
    closer == .server ? serverIdles : clientIdles
  }
}

/// The newest of many, 64 at most.
struct Recent<Element: Sendable>: Sendable {
  private(set) var elements: [Element] = []
  private var next = 0

  private static var capacity: Int { 64 }

  /// - Returns: the one that had to make way.
  @discardableResult
  mutating func add(_ element: Element) -> Element? {
    guard elements.count >= Self.capacity else {
      elements.append(element)
      return nil
    }
    let replaced = elements[next]
    elements[next] = element
    next = (next + 1) % Self.capacity
    return replaced
  }

  var count: Int { elements.count }
  var isEmpty: Bool { elements.isEmpty }

  mutating func updateNewest(_ body: (inout Element) -> Void) {
    guard !elements.isEmpty else { return }
    body(&elements[next == 0 ? elements.count - 1 : next - 1])
  }

  func count(where isCounted: (Element) -> Bool) -> Int {
    elements.reduce(0) { isCounted($1) ? $0 + 1 : $0 }
  }
}

extension Seconds {
  static func - (a: Seconds, b: Seconds) -> Seconds { Seconds(nanoseconds: a.nanoseconds &- b.nanoseconds) }

  var magnitude: Seconds { nanoseconds < 0 ? Seconds(nanoseconds: 0 &- nanoseconds) : self }
}

extension CloseFacts {
  /// Shorter silences are scheduling, not waiting.
  static let shortestIdle = Seconds(nanoseconds: 100_000_000)

  @inline(__always)
  var isAnnouncedByServer: Bool { requestedBy == .server && conversation == .http1 }

  /// Closed by the client at once after use, while it had others.
  var isDiscard: Bool {
    guard let idle, exchanges ?? 1 > 0, requestedBy == nil, !facts.closedWithRequestOutstanding else { return false }
    return closedFirst == .client && idle < Self.shortestIdle && openSiblings > 0
  }

  /// Opened and closed without a word by a client that had others. Health checks of a proxy look the same, but for those
  /// that end with RST.
  var mayBeSurplus: Bool {
    kind == .fin && !hasPayload && closedFirst == .client && openSiblings > 0
  }

  /// Closed by the server in the midst of things or in idleness, with nothing said of it before.
  @inline(__always)
  var mayBelongToBurst: Bool {
    closedFirst == .server && requestedBy == nil && (facts.closedWithRequestOutstanding || idleAfterExchange != nil)
  }

  /// The silence, when nothing was outstanding and nobody had announced the close.
  @inline(__always)
  var idleAfterExchange: Seconds? {
    guard let idle, idle >= Self.shortestIdle, requestedBy == nil, !facts.closedWithRequestOutstanding,
      kind == .fin || kind == .rst
    else { return nil }
    return idle
  }
}
