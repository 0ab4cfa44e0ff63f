internal import NIOCore

/// What is left of an answer's body.
struct UnsentBody {
  private var rest: ArraySlice<UInt8> = []
  private var reservation: AnswerBudget.Reservation?
  /// Begun, and waiting for the client to read.
  var isUnderWay = false

  init() {}

  init(of answer: Answer) {
    rest = answer.body[...]
    reservation = answer.reservation
  }

  var isEmpty: Bool { rest.isEmpty }

  private static let piece = 32 << 10

  mutating func takePiece() -> ByteBuffer {
    defer { rest = rest.dropFirst(Self.piece) }
    return ByteBuffer(bytes: rest.prefix(Self.piece))
  }
}
