import PacketDecoding
import Testing

@testable import ConnectionTracking

/// Segments that are taken in runs come to the same as when they are taken one by one.
struct RunTests {
  @Test(arguments: 51...58 as ClosedRange<UInt64>)
  func runsChangeWhatSingleSegmentsChange(seed: UInt64) {
    var traffic = RandomTraffic(seed: seed)
    var tracker = Tracker(settings: Self.settings)
    var single = Tracker(settings: Self.settings)
    var (recorder, singleRecorder) = (Recorder(), Recorder())
    var batch = ArrivalBatch()
    var now = Instant(nanoseconds: 0)
    for step in 0..<1000 {
      for _ in 0..<traffic.batchSize() {
        let packet = traffic.next()
        now = now + Seconds(nanoseconds: packet.delay * 1_000_000)
        tracker.note(packet, at: now, in: &batch)
        let captured = Timestamp(nanoseconds: now.nanoseconds)
        single.receive(
          packet.segment,
          interface: packet.interface,
          at: now,
          captured: captured,
          observer: &singleRecorder
        )
      }
      tracker.seek(&batch)
      tracker.receive(&batch, before: now + Seconds(1), RawSpan(), observer: &recorder)
      #expect(batch.next == batch.count && batch.answered == nil)
      batch.clear()
      guard Self.parts(of: tracker) == Self.parts(of: single) else {
        Issue.record("step \(step)")
        return
      }
    }
    #expect(tracker.exchanges == single.exchanges && tracker.exchanges > 100)
    #expect(tracker.nextDeadline == single.nextDeadline)
  }

  private static var settings: TrackerSettings { TrackerSettings(capacity: 1000) }

  /// Of each connection, by its serial, what a segment may change.
  private static func parts(of tracker: borrowing Tracker) -> [UInt64: [[UInt8]]] {
    var parts: [UInt64: [[UInt8]]] = [:]
    for connection in tracker.connections {
      parts[connection.detail.serial] = [
        octets(of: connection.flow), octets(of: connection.detail), octets(of: connection.conversation.turns),
      ]
    }
    return parts
  }
}
