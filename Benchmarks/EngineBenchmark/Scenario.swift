import ConnectionTracking
import Monitoring
import PacketDecoding

/// What a trace stresses. The same scenario and size give the same octets.
enum Scenario: String {
  /// One request a connection, and the server closes.
  case short
  /// All endings, and longer lives.
  case mixed
  /// Few connections with many packets.
  case elephants
  /// SYNs that nobody answers, each from another place.
  case synflood
  /// All connections open at once.
  case many

  private var rounds: Int {
    switch self {
    case .short, .many: 1
    case .mixed: 10
    case .elephants: .max / 8
    case .synflood: 0
    }
  }

  private func concurrency(_ packets: Int) -> Int {
    switch self {
    case .short: 1_000
    case .mixed: max(packets / 40, 1)
    case .elephants: 100
    case .synflood: 1
    case .many: max(packets / 7, 1)
    }
  }

  private func ending(_ random: inout Randomness) -> Conversation.Ending {
    switch self {
    case .short: return .byServer
    case .elephants, .many: return .none
    case .synflood: return random.below(50) == 0 ? .byServer : .unanswered
    case .mixed:
      switch random.below(100) {
      case 0..<40: return .byServer
      case 40..<75: return .byClient
      case 75..<80: return .together
      case 80..<88: return .resetByServer
      case 88..<94: return .resetByClient
      case 94..<97: return .refused
      default: return .none
      }
    }
  }

  /// Writes about as many packets: to the end of the connections that were begun.
  func write(packets: Int, to path: String) throws(TraceFile.Failure) -> Totals {
    var file = try TraceFile(path)
    var random = Randomness()
    var totals = Totals()
    var active: [Conversation] = []
    var isEnding = false
    while !isEnding || !active.isEmpty {
      isEnding = totals.packets >= packets
      if isEnding, self == .elephants { break }
      while !isEnding, active.count < concurrency(packets), self != .many || totals.connections < concurrency(packets) {
        active.append(open(&totals, &random))
      }
      if active.isEmpty { break }
      let chosen = random.below(active.count)
      if let packet = active[chosen].next() {
        file.append(packet, of: active[chosen].number, number: totals.packets)
        totals.packets += 1
      } else {
        active.swapAt(chosen, active.count - 1)
        active.removeLast()
      }
    }
    try file.finish()
    return totals
  }

  private func open(_ totals: inout Totals, _ random: inout Randomness) -> Conversation {
    let ending = ending(&random)
    totals.connections += 1
    totals.note(ending)
    return Conversation(
      number: UInt32(totals.connections),
      ending: ending,
      rounds: rounds,
      random: random.next()
    )
  }
}

extension Totals {
  fileprivate mutating func note(_ ending: Conversation.Ending) {
    switch ending {
    case .byServer:
      (closedFirstByServer, finished, timeWaitServer) = (closedFirstByServer + 1, finished + 1, timeWaitServer + 1)
    case .byClient:
      (closedFirstByClient, finished, timeWaitClient) = (closedFirstByClient + 1, finished + 1, timeWaitClient + 1)
    case .together:
      (closedTogether, finished) = (closedTogether + 1, finished + 1)
      (timeWaitClient, timeWaitServer) = (timeWaitClient + 1, timeWaitServer + 1)
    case .resetByServer: (closedFirstByServer, reset) = (closedFirstByServer + 1, reset + 1)
    case .resetByClient: (closedFirstByClient, reset) = (closedFirstByClient + 1, reset + 1)
    case .refused: refused += 1
    case .none, .unanswered: open += 1
    }
  }
}

/// The same numbers each time (PCG's multiplier).
struct Randomness {
  private var state: UInt64 = 1

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state ^ state >> 29) &* 0xBF58_476D_1CE4_E5B9 ^ state >> 32
  }

  mutating func below(_ limit: Int) -> Int { Int((next() >> 33) % UInt64(limit)) }
}
