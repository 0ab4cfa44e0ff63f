/// A server that alerts are sent to.
package struct Server: Sendable, Equatable {
  package var isSecure: Bool
  /// A name or an address, an IPv6 one without its brackets.
  package var host: String
  package var port: UInt16
  /// With the query, if there is one: others may have put a secret there, so that it is shown nowhere.
  package var path: String
  /// Certificates to trust instead of the system's: a file.
  package var certificates: String?

  package init(isSecure: Bool, host: String, port: UInt16, path: String, certificates: String? = nil) {
    self.isSecure = isSecure
    self.host = host
    self.port = port
    self.path = path
    self.certificates = certificates
  }

  var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A field of a request's head. Its value may be a secret.
package struct HeaderField: Sendable, Equatable {
  package var name: String
  package var value: String

  package init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// What one attempt sends.
struct Post: Sendable {
  var fields: [HeaderField]
  var body: [UInt8]
}

/// What came back.
struct Answer: Sendable, Equatable {
  var status: Int
  /// Seconds, where the server asked for a pause.
  var retryAfter: Double?
}

/// Why nothing came back, as words.
struct DeliveryFailure: Error, Equatable, CustomStringConvertible {
  let description: String

  static let closedBeforeAnswer = DeliveryFailure(description: "the connection was closed before the answer")
}
