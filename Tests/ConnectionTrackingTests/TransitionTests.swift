import ConnectionTracking
import Testing

/// Every cell of the transition function: a state and an event, for who sends it and who receives it.
@Suite struct TransitionTests {
  /// Columns: SYN, SYN-ACK, ACK of the SYN, ACK of the FIN, FIN, FIN crossing, FIN overtaken, RST. `·` is "stays".
  private static let sent = """
    CLOSED        SYN_SENT SYN_RECEIVED · · ·          ·          ·          ·
    LISTEN        SYN_SENT SYN_RECEIVED · · ·          ·          ·          CLOSED
    SYN_SENT      ·        SYN_RECEIVED · · FIN_WAIT_1 FIN_WAIT_1 FIN_WAIT_2 CLOSED
    SYN_RECEIVED  ·        ·            · · FIN_WAIT_1 FIN_WAIT_1 FIN_WAIT_2 CLOSED
    ESTABLISHED   ·        ·            · · FIN_WAIT_1 FIN_WAIT_1 FIN_WAIT_2 CLOSED
    FIN_WAIT_1    ·        ·            · · ·          ·          ·          CLOSED
    FIN_WAIT_2    ·        ·            · · ·          ·          ·          CLOSED
    CLOSE_WAIT    ·        ·            · · LAST_ACK   CLOSING    TIME_WAIT  CLOSED
    CLOSING       ·        ·            · · ·          ·          ·          CLOSED
    LAST_ACK      ·        ·            · · ·          ·          ·          CLOSED
    TIME_WAIT     ·        ·            · · ·          ·          ·          CLOSED
    """

  private static let received = """
    CLOSED        LISTEN ESTABLISHED ·           ·          ·          ·          ·          ·
    LISTEN        ·      ·           ·           ·          ·          ·          ·          CLOSED
    SYN_SENT      ·      ESTABLISHED ·           ·          ·          ·          ·          CLOSED
    SYN_RECEIVED  ·      ESTABLISHED ESTABLISHED ·          CLOSE_WAIT CLOSE_WAIT CLOSE_WAIT CLOSED
    ESTABLISHED   ·      ·           ·           ·          CLOSE_WAIT CLOSE_WAIT CLOSE_WAIT CLOSED
    FIN_WAIT_1    ·      ·           ·           FIN_WAIT_2 CLOSING    CLOSING    LAST_ACK   CLOSED
    FIN_WAIT_2    ·      ·           ·           ·          TIME_WAIT  TIME_WAIT  CLOSED     CLOSED
    CLOSE_WAIT    ·      ·           ·           ·          ·          ·          ·          CLOSED
    CLOSING       ·      ·           ·           TIME_WAIT  ·          ·          ·          CLOSED
    LAST_ACK      ·      ·           ·           CLOSED     ·          ·          ·          CLOSED
    TIME_WAIT     ·      ·           ·           ·          ·          ·          ·          CLOSED
    """

  private static let columns: [Event] = [
    .syn, .synAck, .synAcknowledged, .finAcknowledged, .fin, .finCrossing, .finOvertaken, .rst,
  ]

  private static let cells: [Cell] = [(Part.sent, sent), (.received, received)].flatMap { part, table in
    table.split(separator: "\n").flatMap { row in
      let words = row.split(separator: " ").map(String.init)
      return zip(columns, words.dropFirst()).map { event, word in
        Cell(before: words[0], event: event, part: part, after: word == "·" ? words[0] : word)
      }
    }
  }

  struct Cell: CustomTestStringConvertible, Sendable {
    var before: String
    var event: Event
    var part: Part
    var after: String

    var testDescription: String { "\(before), \(event) \(part)" }
  }

  @Test(arguments: cells)
  func cell(_ cell: Cell) throws {
    let phase = try #require(Phase.allCases.first { Script.name($0) == cell.before })
    #expect(Script.name(phase.after(cell.event, cell.part)) == cell.after)
  }

  @Test func tableIsWhole() {
    #expect(Set(Self.columns) == Set(Event.allCases))
    #expect(Self.cells.count == Phase.allCases.count * Event.allCases.count * Part.allCases.count)
    #expect(Set(Self.cells.map(\.before)).count == Phase.allCases.count)
  }
}
