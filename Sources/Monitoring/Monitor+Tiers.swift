internal import ConnectionTracking
package import PacketDecoding

/// How much of the traffic comes in.
extension Monitor {
  /// See `Tracker.beginControlOnly`.
  package mutating func beginControlOnly(at now: Instant) {
    tracker.beginControlOnly(at: now, observer: &books)
  }

  /// See `Tracker.endControlOnly`.
  package mutating func endControlOnly(at time: Timestamp) {
    tracker.endControlOnly(at: time)
  }
}
