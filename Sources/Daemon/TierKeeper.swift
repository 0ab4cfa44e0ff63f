internal import ConnectionTracking
internal import KernelSockets
internal import Logging
internal import Monitoring
internal import PacketDecoding

/// Sees to it that capture has the tier that the load allows.
struct TierKeeper {
  private var policy: CaptureTierPolicy
  private let settings: WorkerSettings
  private var since: Timestamp

  init(settings: WorkerSettings) {
    self.settings = settings
    policy = settings.tierPolicy
    since = WallClock.now()
  }

  /// Tells the monitor of the tier that was configured.
  func begin(_ monitor: inout Monitor, at now: Instant) {
    monitor.payloadLimit = settings.payloadLimit(policy.tier)
    if policy.tier == .control { monitor.beginControlOnly(at: now) }
  }

  /// Once a second.
  ///
  /// - Returns: whether packets were lost, or some may have been on the way when the tier changed.
  mutating func adapt(_ captures: CaptureSet, _ monitor: inout Monitor, at now: Instant) -> Bool {
    let old = policy.tier
    let (received, dropped) = captures.counts
    guard policy.note(received: received, dropped: dropped, at: now) else { return policy.lastDrop == now }
    since = WallClock.now()
    let tier = policy.tier
    monitor.payloadLimit = settings.payloadLimit(tier)
    // What the ring still holds was captured in the old tier, and is looked at as in the poorer one: that passes the new
    // filter, and nothing is made up. What readers hold has passed the old filter, and is looked at as in that.
    captures.setTier(tier)
    if !captures.lanes.isEmpty { captures.drainReaders(into: &monitor, at: now) }
    if tier == .control { monitor.beginControlOnly(at: now) }
    if old == .control { monitor.endControlOnly(at: WallClock.now()) }
    say(from: old, to: tier, dropped, captures.logger)
    return true
  }

  private func say(from old: CaptureTier, to tier: CaptureTier, _ dropped: Int, _ logger: Logger) {
    if tier == old.poorer {
      logger.warning(
        """
        the kernel drops packets (\(dropped) since start): capture falls back from \(old.rawValue) to \(tier.rawValue), \
        and figures are lower bounds
        """
      )
    } else {
      logger.notice("no packets were dropped for a while: capture goes from \(old.rawValue) to \(tier.rawValue)")
    }
  }

  func status(at now: Instant) -> CaptureStatus {
    CaptureStatus(
      tier: policy.tier,
      configured: policy.configured,
      since: since,
      fallBacks: policy.fallBacks,
      isLowerBound: policy.isLowerBound(at: now)
    )
  }
}
