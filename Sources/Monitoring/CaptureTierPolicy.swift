package import PacketDecoding

/// Which tier capture should have: a poorer one when the kernel drops packets, a richer one again when it has not for a
/// while. What falls back soon after it went up waits longer the next time.
package struct CaptureTierPolicy: Sendable {
  package private(set) var tier: CaptureTier
  /// What is wanted when nothing is dropped.
  package let configured: CaptureTier
  /// How often it fell back since start.
  package private(set) var fallBacks = 0
  private let isAutomatic: Bool
  private var seen: (received: Int, dropped: Int) = (0, 0)
  private var lastChange: Instant?
  package private(set) var lastDrop: Instant?
  private var calm = Self.shortestCalm
  private var wentUp = false

  /// Drops beyond one in so many packets of a second are an overload.
  private static let tolerance = 1000
  /// After it fell back: until the ring holds only what the new filter passed.
  private static let settling = Seconds(2)
  package static let shortestCalm = Seconds(30)
  package static let longestCalm = Seconds(480)
  /// So long drops make figures lower bounds.
  private static let aftermath = Seconds(60)

  package init(configured: CaptureTier, isAutomatic: Bool) {
    tier = configured
    self.configured = configured
    self.isAutomatic = isAutomatic
  }

  /// Figures may be less than the truth.
  package func isLowerBound(at now: Instant) -> Bool {
    tier != .full || lastDrop.map { now - $0 < Self.aftermath } ?? false
  }

  /// Takes what capture counted since start, once a second.
  ///
  /// - Returns: whether the tier is another now.
  package mutating func note(received: Int, dropped: Int, at now: Instant) -> Bool {
    let new = (received: received - seen.received, dropped: dropped - seen.dropped)
    seen = (received, dropped)
    if new.dropped > 0 { lastDrop = now }
    guard isAutomatic else { return false }
    let sinceChange = lastChange.map { now - $0 }
    if new.dropped > 0, new.dropped >= new.received / Self.tolerance {
      guard let poorer = tier.poorer, wentUp || sinceChange ?? Self.settling >= Self.settling else { return false }
      fallBack(to: poorer, at: now)
      return true
    }
    guard let richer = tier.richer(upTo: configured) else {
      if sinceChange ?? .zero > Self.longestCalm { calm = Self.shortestCalm }
      return false
    }
    let quiet = min(sinceChange ?? calm, lastDrop.map { now - $0 } ?? calm)
    guard quiet >= calm else { return false }
    (tier, lastChange, wentUp) = (richer, now, true)
    return true
  }

  private mutating func fallBack(to poorer: CaptureTier, at now: Instant) {
    // The load was still there.
    if wentUp { calm = min(Seconds(nanoseconds: calm.nanoseconds * 2), Self.longestCalm) }
    (tier, lastChange, wentUp) = (poorer, now, false)
    fallBacks += 1
  }
}
