import Glibc
import Testing

@testable import KernelSockets

@Suite("Answers to several questions at once") struct AnswerStateTests {
  private static let none = hex("feffffff") + [UInt8](repeating: 0, count: 16)  // -ENOENT
  private static let forbidden = hex("ffffffff") + [UInt8](repeating: 0, count: 16)  // -EPERM

  @Test("Each is known by its number, in whatever order they come; those without an entry are answered too")
  func numbers() {
    var state = AnswerState(count: 3, sequence: 7)
    #expect(state.take(message(type: 20, sequence: 9, [1])) == [2])
    #expect(state.take(message(type: 2, sequence: 7, Self.none)) == [])
    #expect(!state.isDone)
    #expect(state.take(message(type: 20, sequence: 8, [1])) == [1])
    #expect(state.isDone)
    #expect(state.errorCode == 0)
  }

  @Test("Numbers go on where they overflow")
  func wraps() {
    var state = AnswerState(count: 2, sequence: .max)
    #expect(state.take(message(type: 20, sequence: .max, [1])) == [0])
    #expect(state.take(message(type: 20, sequence: 0, [1])) == [1])
    #expect(state.isDone)
  }

  @Test("An earlier question's answer, a later one's and a second one are passed over", arguments: [6, 9, 7])
  func foreign(sequence: UInt32) {
    var state = AnswerState(count: 2, sequence: 7)
    #expect(state.take(message(type: 20, sequence: 7, [1])) == [0])
    #expect(state.take(message(type: 20, sequence: sequence, [1])) == [])
    #expect(!state.isDone)
  }

  @Test("Any other error ends it, and so does a datagram that is cut")
  func errors() {
    var refused = AnswerState(count: 2, sequence: 7)
    #expect(refused.take(message(type: 2, sequence: 7, Self.forbidden)) == [])
    #expect(refused.isDone)
    #expect(refused.errorCode == EPERM)
    var cut = AnswerState(count: 2, sequence: 7)
    #expect(cut.take(Array(message(type: 20, sequence: 7, [1, 2, 3, 4]).dropLast())) == [])
    #expect(cut.errorCode == EBADMSG)
  }
}

extension AnswerState {
  /// - Returns: the numbers of the questions that an entry came for.
  fileprivate mutating func take(_ datagram: [UInt8]) -> [Int] {
    var numbers: [Int] = []
    unsafe take(datagram.span.bytes) { number, _, _ in numbers.append(number) }
    return numbers
  }
}
