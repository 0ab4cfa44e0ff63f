/// One connection as the API tells it (the contract's 4.2), as far as a listing shows it.
struct ConnectionLine: Decodable, Equatable {
  var clientAddress: String
  var clientPort: UInt16
  var serverAddress: String
  var serverPort: UInt16
  var start: String?
  var end: String?
  var clientState: String
  var serverState: String
  var closedFirst: String?
  var closeKind: String?
  var closeCause: String?
  var causePending: Bool?
  var connState: String?
  var history: String?
  var durationSeconds: Double?
  var exchanges: Int?
  var clientPackets: Int?
  var serverPackets: Int?
  var clientBytes: Int?
  var serverBytes: Int?
  var localSide: String?
  var interface: String?
  var communityId: String?
  var timeWaitRemainingSeconds: Double?
  var owner: OwnerName?
  var segments: [SegmentLine]?
  var segmentsComplete: Bool?

  /// Who holds the local end.
  struct OwnerName: Decodable, Equatable {
    var unit: String?
    var pid: Int?
    var command: String?

    /// `nginx.service: nginx[1234]`
    var text: String? {
      guard let pid else { return unit }
      let process = "\(command ?? "")[\(pid)]"
      return unit.map { "\($0): \(process)" } ?? process
    }
  }

  var client: String { Overview.endpoint(clientAddress, clientPort) }
  var server: String { Overview.endpoint(serverAddress, serverPort) }
}

/// A segment that opened, moved or closed a connection.
struct SegmentLine: Decodable, Equatable {
  var time: String
  var sender: String
  var flags: [String]
  var payloadBytes: Int
  var retransmission: Bool
  var clientState: String
  var serverState: String
}

/// An answer of `GET /api/v1/connections`.
struct ConnectionsDocument: Decodable {
  var time: String?
  var connections: [ConnectionLine]
  var nextCursor: String?
}

struct ServicesDocument: Decodable {
  var services: [ServiceLine]
  var lingering: [LingeringLine]?
}

struct PeersDocument: Decodable {
  var peers: [PeerLine]
}

struct AlertsDocument: Decodable {
  var time: String?
  var alerts: [AlertLine]
}
