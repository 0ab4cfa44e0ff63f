internal import NIOCore
internal import Synchronization

/// The clients of a listener that have a connection and no request: when it is full, the one that has waited longest
/// makes way for the next, so that silent clients keep nobody out.
final class WaitingClients: Sendable {
  /// Names one connection.
  typealias Ticket = UInt64

  private struct State {
    var open = 0
    var nextTicket: Ticket = 0
    var nextTurn: UInt64 = 0
    var waiting: [Ticket: (turn: UInt64, channel: any Channel)] = [:]
  }

  private let limit: Int
  private let state = Mutex(State())

  init(limit: Int) {
    self.limit = limit
  }

  /// A connection was opened.
  func arrive() -> Ticket {
    let (ticket, leaving) = state.withLock { state in
      state.open += 1
      state.nextTicket += 1
      var leaving: (any Channel)?
      if state.open > limit, let longest = state.waiting.min(by: { $0.value.turn < $1.value.turn }) {
        leaving = state.waiting.removeValue(forKey: longest.key)?.channel
      }
      return (state.nextTicket, leaving)
    }
    leaving?.close(promise: nil)
    return ticket
  }

  /// From now on its client has all answers that it asked for.
  func wait(_ ticket: Ticket, _ channel: any Channel) {
    state.withLock { state in
      state.nextTurn += 1
      state.waiting[ticket] = (state.nextTurn, channel)
    }
  }

  /// A request came in.
  func work(_ ticket: Ticket) {
    state.withLock { _ = $0.waiting.removeValue(forKey: ticket) }
  }

  func leave(_ ticket: Ticket) {
    state.withLock { state in
      state.open -= 1
      _ = state.waiting.removeValue(forKey: ticket)
    }
  }
}
