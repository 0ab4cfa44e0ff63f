/// One connection, packet by packet.
struct Conversation {
  enum Ending: Sendable {
    case byServer, byClient, together, resetByServer, resetByClient, refused, none
    /// A SYN, and nothing more.
    case unanswered
  }

  struct Packet {
    var isFromClient: Bool
    var flags: UInt8
    var sequence: UInt32
    var acknowledgment: UInt32
    var payload: Int
  }

  let number: UInt32
  let ending: Ending
  private let rounds: Int
  private var step = 0
  private var clientNext: UInt32
  private var serverNext: UInt32

  private static let syn: UInt8 = 0x02
  private static let ack: UInt8 = 0x10
  private static let push: UInt8 = 0x18
  private static let fin: UInt8 = 0x11
  private static let reset: UInt8 = 0x14
  private static let request = 300
  private static let answer = 1_200

  init(number: UInt32, ending: Ending, rounds: Int, random: UInt64) {
    self.number = number
    self.ending = ending
    self.rounds = rounds
    clientNext = UInt32(truncatingIfNeeded: random)
    serverNext = UInt32(truncatingIfNeeded: random >> 32)
  }

  /// The next packet; nil when it has ended.
  mutating func next() -> Packet? {
    defer { step += 1 }
    switch step {
    case 0: return client(Self.syn)
    case 1 where ending == .unanswered: return nil
    case 1 where ending == .refused: return server(Self.reset)
    case 1: return server(Self.syn | Self.ack)
    case 2 where ending == .refused: return nil
    case 2: return client(Self.ack)
    case 3..<3 + 4 * rounds: return exchange((step - 3) % 4)
    default: return end(step - 3 - 4 * rounds)
    }
  }

  private mutating func exchange(_ part: Int) -> Packet {
    switch part {
    case 0: client(Self.push, Self.request)
    case 1: server(Self.ack)
    case 2: server(Self.push, Self.answer)
    default: client(Self.ack)
    }
  }

  private mutating func end(_ part: Int) -> Packet? {
    switch (ending, part) {
    case (.byServer, 0), (.byClient, 2): server(Self.fin)
    case (.byServer, 1), (.byClient, 3): client(Self.ack)
    case (.byServer, 2), (.byClient, 0): client(Self.fin)
    case (.byServer, 3), (.byClient, 1): server(Self.ack)
    case (.together, 0): client(Self.fin)
    case (.together, 1): server(Self.fin, crosses: true)
    case (.together, 2): client(Self.ack)
    case (.together, 3): server(Self.ack)
    case (.resetByServer, 0): server(Self.reset)
    case (.resetByClient, 0): client(Self.reset)
    default: nil
    }
  }

  private mutating func client(_ flags: UInt8, _ payload: Int = 0) -> Packet {
    let acknowledgment = flags & Self.ack == 0 ? 0 : serverNext
    defer { clientNext &+= Self.length(flags, payload) }
    return Packet(
      isFromClient: true,
      flags: flags,
      sequence: clientNext,
      acknowledgment: acknowledgment,
      payload: payload
    )
  }

  /// - Parameter crosses: it was sent before the client's FIN came.
  private mutating func server(_ flags: UInt8, _ payload: Int = 0, crosses: Bool = false) -> Packet {
    defer { serverNext &+= Self.length(flags, payload) }
    return Packet(
      isFromClient: false,
      flags: flags,
      sequence: ending == .refused ? 0 : serverNext,
      acknowledgment: crosses ? clientNext &- 1 : clientNext,
      payload: payload
    )
  }

  private static func length(_ flags: UInt8, _ payload: Int) -> UInt32 {
    UInt32(payload) + (flags & 0x03 != 0 ? 1 : 0)
  }
}
