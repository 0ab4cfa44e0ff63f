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
      let slot = Slot(number)
      let flow = table.flow(at: slot)
      guard flow.queue != .free else { continue }
      body(flow.isRequest ? flow.requestAccount : table.detail(at: slot).account, flow.standing)
    }
  }

  /// Takes the segments of a batch that come before `end`, up to the first at which a deadline is due.
  ///
  /// - Parameter frames: the numbers of their frames.
  package mutating func receive(
    _ batch: inout ArrivalBatch,
    of frames: Span<UInt32>,
    before end: Instant,
    _ octets: RawSpan,
    observer: inout (some FrameObserver & ~Copyable)
  ) {
    while batch.next < batch.count, batch[batch.next].now < min(end, nextDeadline) {
      let number = batch.next
      if number == batch.nextLook { lookAhead(&batch, observer: &observer) }
      if batch[number].mayGoOn {
        // Nothing is told of these, which whoever keeps the books would have to know the frame of.
        let stop = min(batch.nextLook, batch.count)
        batch.next = takeQuietly(&batch, from: number, before: stop, at: ..<min(end, nextDeadline))
        if let answered = batch.answered.take() { observer.note(answered) }
        guard batch.next < stop else { continue }
        guard batch[batch.next].now < min(end, nextDeadline) else { break }
      }
      receiveNext(&batch, frames, octets, observer: &observer)
    }
  }

  /// Takes the next segment of a batch.
  @inline(__always)
  package mutating func receiveNext(
    _ batch: inout ArrivalBatch,
    _ frames: Span<UInt32>,
    _ octets: RawSpan,
    observer: inout (some FrameObserver & ~Copyable)
  ) {
    let number = batch.next
    guard number < batch.count else { return }
    observer.begin(frame: frames[number])
    if number == batch.nextLook { lookAhead(&batch, observer: &observer) }
    receive(&batch[number], octets, observer: &observer)
    batch.next = number + 1
  }
}

/// Who has to know which frame does what is told.
package protocol FrameObserver: ConnectionObserver, ~Copyable {
  /// What is told next is what the segment of a frame does.
  mutating func begin(frame: UInt32)
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
