package import PacketDecoding

/// A server that takes metrics.
package struct RemoteWriteTarget: Sendable {
  package enum Credentials: Sendable {
    /// Read anew for each request, so that they can be changed.
    case bearer(file: String)
    case basic(user: String, file: String)
  }

  package var isSecure: Bool
  /// A name or an address, an IPv6 one without its brackets.
  package var host: String
  package var port: UInt16
  /// With the query. It may hold a secret: it is shown nowhere.
  package var path: String
  package var credentials: Credentials?
  /// A file of certificates to trust instead of the system's.
  package var certificates: String?
  package var interval = Seconds(15)
  /// For the answer to a request.
  package var timeout = Seconds(10)
  /// Requests that may wait.
  package var queue = 40
  /// Added to each series.
  package var labels: [(String, String)] = []

  package init(isSecure: Bool, host: String, port: UInt16, path: String) {
    self.isSecure = isSecure
    self.host = host
    self.port = port
    self.path = path
  }

  var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
