/// What `GET /api/v1/status` adds to the figures: the daemon and its host. Everything optional, so that a client and a daemon
/// of different versions still understand each other.
struct StatusDocument: Decodable {
  var overview: Overview
  var live: Live

  struct Live: Decodable {
    var time: String?
    var version: String?
    var host: String?
    var uptimeSeconds: Double?
    var workers: Int?
    var interfaces: [Interface]?
    var table: Table?
    var localTimeWait: LocalTimeWait?
    var owners: [Owner]?
    var kernel: Kernel?
    var alerts: [AlertLine]?
    var silences: [SilenceLine]?
    var deliveries: [Delivery]?
  }

  /// A server that alerts are sent to.
  struct Delivery: Decodable {
    var kind: String
    var name: String
    var waiting: Int
    var delivered: Int
    var failed: Int
    var dropped: Int
    var lastError: String?
  }

  struct Interface: Decodable {
    var name: String
    var received: Int
    var dropped: Int
    var tier: String?
    var capturing: Bool?
  }

  struct Table: Decodable {
    var capacity: Int
    var used: Int
    var evicted: Int
  }

  struct LocalTimeWait: Decodable {
    var host: Int?
    var kernel: Int?
  }

  /// Who holds ends of this host.
  struct Owner: Decodable {
    var unit: String?
    var connections: Int?
    var open: Int
    var timeWait: Int
  }

  struct Kernel: Decodable {
    var drift: Int?
    var ageSeconds: Double?
    var tcpMaxTwBuckets: Int?
  }

  init(from decoder: any Decoder) throws {
    overview = try Overview(from: decoder)
    live = try Live(from: decoder)
  }
}

/// One alert as the API tells it.
struct AlertLine: Decodable {
  var id: String?
  var name: String
  var state: String
  var severity: String
  var labels: [String: String]?
  var value: Double?
  var raise: Double?
  var clear: Double?
  var since: String?
  var firedAt: String?
  var resolvedAt: String?
  var summary: String?
  /// The silence that keeps it from being delivered.
  var silencedBy: String?

  var isFiring: Bool { state == "firing" }
}
