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

      var place: String {
        switch self {
        case .file(let path, _, _), .socket(let path, _): path
        case .standardOutput: "stdout"
        }
      }
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
    package var url: WebAddress
    package var interval = Seconds(15)
    /// Added to each series, beside `instance`.
    package var labels: [Label] = []
    package var username: String?
    package var passwordFile: SecretPlace?
    package var bearerTokenFile: SecretPlace?
    /// Certificates to trust instead of the system's.
    package var certificates: String?
    package var timeout = Seconds(10)
    /// Requests that may wait for the server.
    package var queue = 40

    package init(_ url: WebAddress) {
      self.url = url
    }
  }
}
