package import Logging
package import Monitoring
package import PacketDecoding

/// Sends closed connections to all places that want them.
package final class FlowExporter: Sendable {
  private let lanes: [FlowLane]

  package init(_ outputs: [FlowOutput], logger: Logger) {
    lanes = outputs.map { FlowLane($0, logger: logger) }
  }

  /// Never waits; what finds no room is counted.
  ///
  /// - Parameter lost: such as were never kept for want of room, since the last call.
  package func offer(_ batch: FlowBatch, lost: Int) {
    guard !batch.connections.isEmpty || lost > 0 else { return }
    for lane in lanes { lane.offer(batch, lost: lost) }
  }

  /// Files may have been moved.
  package func reopen() {
    for lane in lanes { lane.reopen() }
  }

  package var statuses: [ExportStatus] { lanes.map(\.status) }

  /// Writes what waits, for no longer than `span`.
  package func finish(within span: Seconds) {
    for lane in lanes { lane.stop(within: span) }
    // Beside it, for who gives up to say so.
    let end = ContinuousClock.now + .nanoseconds(span.nanoseconds) + .milliseconds(100)
    for lane in lanes { _ = lane.join(until: end) }
  }
}
