internal import HTTPPosting
package import Logging
package import Monitoring
package import PacketDecoding

/// Where figures come from. Nil means that there are none any more.
package protocol MetricsSource: Sendable {
  func snapshot() async -> Snapshot?
  func live() async -> LiveStatus?
}

/// Sends the metrics of `/metrics` to servers that take Prometheus remote write 1.0.
package final class RemoteWriter: Sendable {
  private let lanes: [WriteLane]

  /// - Throws: what keeps it from starting.
  package init(
    _ targets: [RemoteWriteTarget],
    source: any MetricsSource,
    _ own: OwnTraffic,
    logger: Logger
  ) throws {
    lanes = try targets.map { target in
      do throws(PostFailure) {
        return WriteLane(target, try Poster(target.server, own, answerTime: target.timeout), source, logger)
      } catch {
        throw StartFailure(description: "export.remote_write: \(error.reason)")
      }
    }
    for lane in lanes { lane.start() }
  }

  package var statuses: [ExportStatus] { lanes.map(\.status) }

  /// Ends all series, and sends what waits, for no longer than `span`.
  package func finish(within span: Seconds) {
    for lane in lanes { lane.finish() }
    let end = ContinuousClock.now + .nanoseconds(span.nanoseconds)
    for lane in lanes { lane.waitForEnd(until: end) }
  }
}

private struct StartFailure: Error, CustomStringConvertible {
  let description: String
}
