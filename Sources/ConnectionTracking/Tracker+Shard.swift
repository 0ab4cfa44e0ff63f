package import PacketDecoding

/// A tracker of a part of all connections: the others are another thread's.
extension Tracker {
  /// No deadline is due before.
  package var dueNext: Instant {
    mutating get { nextDeadline }
  }

  /// Of all connections in the table.
  package func forEachStanding(_ body: (AccountKey, Standing) -> Void) {
    for number in 0..<table.handedOut {
      let flow = table.flow(at: Slot(number))
      if flow.queue != .free { body(table.detail(at: Slot(number)).account, flow.standing) }
    }
    for number in 0..<table.handshakes.limit where table.handshakes.isRequest(number) {
      body(table.handshakes[number].account, .unanswered(table.handshakes[number].side))
    }
  }

  /// Takes the next segment of a batch.
  package mutating func receiveNext(
    _ batch: inout ArrivalBatch,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let number = batch.next
    guard number < batch.count else { return }
    if number == batch.nextLook { lookAhead(&batch, observer: &observer) }
    receive(&batch[number], octets, observer: &observer)
    batch.next = number + 1
  }
}

extension ConnectionView {
  /// The same connection, known by other numbers: those of the whole instead of those of a part.
  package func renumbered(serial: UInt64, service: UInt32, peer: UInt32, openSiblings: UInt32) -> ConnectionView {
    var (detail, conversation) = (detail, conversation)
    detail.serial = serial
    detail.account.service = service
    detail.account.peer = peer
    conversation.openSiblings = openSiblings
    return ConnectionView(
      key: key,
      flow: flow,
      detail: detail,
      stay: stay,
      rarities: rarities,
      conversation: conversation
    )
  }
}
