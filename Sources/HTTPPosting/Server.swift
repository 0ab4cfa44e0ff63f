/// A server that takes requests over http or https.
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

  package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
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

/// A request.
package struct Post: Sendable {
  package var contentType: String
  /// One of the same name takes the place of what is sent by itself.
  package var fields: [HeaderField]
  package var body: [UInt8]

  package init(contentType: String, fields: [HeaderField], body: [UInt8]) {
    self.contentType = contentType
    self.fields = fields
    self.body = body
  }
}

/// What came back.
package struct PostAnswer: Sendable, Equatable {
  package var status: Int
  /// Seconds, where the server asked for a pause.
  package var retryAfter: Double?

  package init(status: Int, retryAfter: Double? = nil) {
    self.status = status
    self.retryAfter = retryAfter
  }
}
