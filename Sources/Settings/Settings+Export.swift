package import Alerting
package import Monitoring
package import PacketDecoding

extension Settings {
  /// What leaves this host on its own.
  package struct Export: Sendable, Equatable {
    /// Closed connections as JSON lines: `json` in the file.
    package var lines: [Lines] = []
    /// Closed connections as IPFIX records: `ipfix` in the file.
    package var collectors: [Collector] = []
    package var remoteWrites: [RemoteWrite] = []

    package init() {}
  }

  package struct Lines: Sendable, Equatable {
    package enum Destination: Sendable, Equatable {
      /// A file goes on in another at `maximumSize` octets (0: never); `kept` old ones stay.
      case file(String, maximumSize: Int, kept: Int)
      case standardOutput
      case socket(String, isDatagram: Bool)
    }

    package var destination: Destination
    package var filter = ConnectionFilter.all
    /// Connections that may wait for it.
    package var queue = 16_384

    package init(_ destination: Destination) {
      self.destination = destination
    }
  }

  package struct Collector: Sendable, Equatable {
    package enum Transport: String, CaseIterable, Sendable {
      case udp, tcp
    }

    package enum Flows: String, CaseIterable, Sendable {
      /// One record for both directions (RFC 5103).
      case biflow
      /// One record for each direction.
      case uniflow
    }

    package var endpoint: Endpoint
    package var transport = Transport.udp
    package var flows = Flows.biflow
    /// Whose numbers the elements for closer and cause are; nil: they are left out.
    package var enterpriseNumber: UInt32?
    package var observationDomain: UInt32 = 0
    /// Octets of one message at most.
    package var messageSize = 1400
    /// After which time templates are sent again over UDP.
    package var templateInterval = Seconds(60)
    package var filter = ConnectionFilter.all
    package var queue = 16_384

    package init(_ endpoint: Endpoint) {
      self.endpoint = endpoint
    }
  }

  package struct RemoteWrite: Sendable, Equatable {
    package var url: HTTPURL
    package var interval = Seconds(15)
    /// Added to each series, beside `instance`.
    package var labels: [Label] = []
    package var username: String?
    package var passwordFile: String?
    package var bearerTokenFile: String?
    /// Certificates to trust instead of the system's.
    package var certificates: String?
    package var timeout = Seconds(10)
    /// Requests that may wait for the server.
    package var queue = 40

    package init(_ url: HTTPURL) {
      self.url = url
    }
  }

  /// An http or https URL, in parts.
  package struct HTTPURL: Sendable, Equatable {
    package var isSecure: Bool
    /// A name or an address, an IPv6 one without its brackets.
    package var host: String
    package var port: UInt16
    /// With the query, if there is one.
    package var path: String

    /// Nil for what is none, and for one with a user or a fragment.
    package init?(_ text: String) {
      guard let (scheme, rest) = text.split(at: "://"), scheme == "http" || scheme == "https" else { return nil }
      isSecure = scheme == "https"
      let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
      let authority = rest[..<end]
      path = rest[end...].hasPrefix("/") ? String(rest[end...]) : "/" + rest[end...]
      guard let (host, port) = Self.place(authority, isSecure ? 443 : 80), port > 0,
        rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x23 && $0 != 0x40 })
      else { return nil }
      self.host = host
      self.port = port
    }

    private static func place(_ authority: Substring, _ standard: UInt16) -> (String, UInt16)? {
      if authority.hasPrefix("[") {
        guard let end = authority.firstIndex(of: "]") else { return nil }
        let host = String(authority[authority.index(after: authority.startIndex)..<end])
        guard AddressParsing.address(host)?.isIPv4 == false else { return nil }
        return port(authority[authority.index(after: end)...], standard).map { (host, $0) }
      }
      let end = authority.firstIndex(of: ":") ?? authority.endIndex
      let host = String(authority[..<end])
      let isName =
        !host.isEmpty
        && host.utf8.allSatisfy { byte in
          switch byte {
          case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
          default: false
          }
        }
      return isName ? port(authority[end...], standard).map { (host, $0) } : nil
    }

    private static func port(_ text: Substring, _ standard: UInt16) -> UInt16? {
      if text.isEmpty { return standard }
      return text.hasPrefix(":") ? AddressParsing.decimal(text.dropFirst()).flatMap(UInt16.init(exactly:)) : nil
    }
  }
}

extension String {
  fileprivate func split(at separator: String) -> (Substring, Substring)? {
    guard let range = self.firstRange(of: separator) else { return nil }
    return (self[..<range.lowerBound], self[range.upperBound...])
  }
}
