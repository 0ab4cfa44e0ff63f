/// The figures that `status` and `analyze` have in common, from a snapshot or from the API's JSON (the contract's 4.3).
struct Overview: Decodable, Equatable {
  var packets = 0
  var tcpPackets = 0
  var connections = 0
  var open = 0
  var undecoded: [String: Int] = [:]
  var anomalies: [String: Int] = [:]
  var states = States()
  var closedFirst: [String: Int] = [:]
  var closeKind: [String: Int] = [:]
  var closeCause: [String: Int]? = [:]
  /// Closes whose cause is not known yet.
  var closeCauseUndecided: Int?
  var timeWait = TimeWait()
  var services: [ServiceLine] = []
  var findings: [FindingLine]? = []
  var handshakes: Handshakes?
  var lingering: [LingeringLine]? = []

  struct States: Decodable, Equatable {
    var client: [String: Int] = [:]
    var server: [String: Int] = [:]
  }

  struct TimeWait: Decodable, Equatable {
    var client = 0
    var server = 0
    var peakClient = 0
    var peakServer = 0
  }
}

/// Handshakes that did not go through at once.
struct Handshakes: Decodable, Equatable {
  var synRepeats = 0
  var synAckRepeats = 0
  var synAckRepeatsAfterAck = 0
  var answeredLate = 0
  var refused = 0
  var unreachable = 0
  var unanswered = 0
}

/// Ends of one service that have waited too long.
struct LingeringLine: Decodable, Equatable {
  var service: String
  /// `client` or `server`.
  var end: String
  var state: String
  var side: String?
  var owner: String?
  var count: Int
  var longestSeconds: Double
}

/// One service: the server's address and port.
struct ServiceLine: Decodable, Equatable {
  var address: String
  var port: UInt16
  var connections: Int
  var open: Int
  var timeWait: EndPair
  var closedFirst: [String: Int]
  /// Who holds this host's end.
  var owner: String?
  var closeCause: [String: Int]?
  var closeCauseUndecided: Int?

  var endpoint: String { Overview.endpoint(address, port) }
}

struct EndPair: Decodable, Equatable {
  var client: Int
  var server: Int
}

/// One client address at one service.
struct PeerLine: Decodable, Equatable {
  var address: String
  var service: String
  var connections: Int
  var open: Int
  var timeWait: EndPair
  var closedFirst: [String: Int]
  /// Newest first.
  var recentPorts: [UInt16]
  /// Connections whose source port differed from that of the one before; the first counts.
  var newPorts: Int
}

extension Overview {
  static func endpoint(_ address: String, _ port: UInt16) -> String {
    address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
  }
}
