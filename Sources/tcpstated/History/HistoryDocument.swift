/// An answer of `GET /api/v1/history`: of the lists, the one that was asked for.
struct HistoryDocument: Decodable {
  var since: String?
  var until: String?
  var oldest: String?
  var problem: String?
  var stepSeconds: Int?
  var samples: [Sample]?
  var services: [Sample]?
  var destinations: [Sample]?
  var causes: [Cause]?
  var alerts: [AlertLine]?
  var findings: [PastFinding]?

  /// Figures of a step, a service or a destination.
  struct Sample: Decodable {
    var time: String?
    var service: String?
    var timeWait: TimeWait
    var open: Int?
    var opened: Int?
    var closed: Int?
    var closedFirst: [String: Int]?
    var closeCause: [String: Int]?
    var address: String?
    var destination: String?
    var portsUsed: Int?
    var refused: Int?
    var unanswered: Int?
  }

  /// By where and whose they are; of ports, one number.
  enum TimeWait: Decodable {
    case ends([String: Int])
    case ports(Int)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Int.self) {
        self = .ports(number)
      } else {
        self = .ends(try container.decode([String: Int].self))
      }
    }

    subscript(name: String) -> Int? {
      switch self {
      case .ends(let counts): counts[name]
      case .ports(let number): number
      }
    }
  }

  struct Cause: Decodable {
    var cause: String
    var count: Int
  }

  struct PastFinding: Decodable {
    var first: String?
    var last: String?
    var id: String
    var severity: String
    var summary: String
    var advice: String
  }
}
