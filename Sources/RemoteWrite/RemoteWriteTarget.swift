package import HTTPPosting
package import PacketDecoding

/// A server that takes metrics.
package struct RemoteWriteTarget: Sendable {
  package var server: Server
  /// Who sends: asked for each request, so that secrets can be changed.
  package var credentials: @Sendable () throws(PostFailure) -> [HeaderField] = { () throws(PostFailure) in [] }
  package var interval = Seconds(15)
  /// For the answer to a request.
  package var timeout = Seconds(10)
  /// Requests that may wait.
  package var queue = 40
  /// Added to each series.
  package var labels: [(String, String)] = []

  package init(_ server: Server) {
    self.server = server
  }
}
