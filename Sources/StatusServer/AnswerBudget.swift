internal import Synchronization

/// How many bytes of answers may be under way: clients that ask for much and read nothing fill this, and not the memory.
final class AnswerBudget: Sendable {
  private let left: Mutex<Int>

  init(bytes: Int) {
    left = Mutex(bytes)
  }

  /// Nil when so many bytes are not left.
  func reserve(_ bytes: Int) -> Reservation? {
    let isThere = left.withLock { left in
      guard left >= bytes else { return false }
      left -= bytes
      return true
    }
    return isThere ? Reservation(bytes, of: self) : nil
  }

  /// Given back when the last that holds it lets go.
  final class Reservation: Sendable {
    private let bytes: Int
    private let budget: AnswerBudget

    fileprivate init(_ bytes: Int, of budget: AnswerBudget) {
      self.bytes = bytes
      self.budget = budget
    }

    deinit {
      budget.left.withLock { [bytes] in $0 += bytes }
    }
  }
}
