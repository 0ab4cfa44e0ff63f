package import PacketDecoding

/// While capture passes only what opens and closes connections.
extension Tracker {
  /// Nobody is half open or waiting for an ACK that long who will still get it unseen.
  private static let roundTrip = Seconds(1)

  /// From now on ACKs and payload are not seen. What is known of connections as they are is no longer the whole.
  package mutating func beginControlOnly(at now: Instant, observer: inout (some ConnectionObserver & ~Copyable)) {
    settings.controlOnlyUntil = Timestamp(nanoseconds: .max)
    let timeWait = settings.timeWait
    for number in 0..<table.slotLimit {
      guard let slot = table.slot(atNumber: number) else { continue }
      guard !table.isRequest(slot) else {
        table.updateHotLine(slot) { flow in flow.notePartialRequest() }
        continue
      }
      let step: Step? = table.update(slot) { flow, detail, rare in
        guard flow.closeKind == .none || flow.first.phase != .closed || flow.second.phase != .closed else { return nil }
        let before = flow.standing
        if flow.quiet.allowNone { flow.quiet = QuietMarks() }
        if flow.closeKind == .none { detail.isPartial = true }
        if flow.idle(at: now) < Self.roundTrip { flow.assumeAcknowledgments() }
        flow.armTimeWait(SegmentEffect(), from: .first, &rare.closing, until: now + timeWait)
        return Step(before: before, after: flow.standing, account: detail.account)
      }
      guard let step, step.before != step.after else { continue }
      report(step, slot, &observer)
      requeue(slot, at: now)
    }
  }

  /// Everything is seen again.
  ///
  /// - Parameter time: when the kernel's filter was changed. What was captured before is still under way.
  package mutating func endControlOnly(at time: Timestamp) {
    settings.controlOnlyUntil = time
  }
}

extension TrackerSettings {
  /// Before anything that is captured.
  static var neverControlOnly: Timestamp {
    @inline(__always) get { Timestamp(nanoseconds: .min) }
  }

  @inline(__always)
  func isControlOnly(_ captured: Timestamp) -> Bool { captured <= controlOnlyUntil }
}
