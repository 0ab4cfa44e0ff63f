internal import CPrefetch
internal import ConnectionTracking

/// The memory that events need: other threads wrote the events, and what is known of connections lies anywhere.
extension ShardMerger {
  /// How many events ahead memory is asked for: what another thread wrote, then what is known of the connection, then
  /// what that leads to, in up to two steps.
  private static let eventDistance = 24
  private static let knownDistance = 12
  private static let firstDistance = 7
  private static let secondDistance = 4
  /// Of so many events of a share in a row it is kept what the books go on with.
  static var hintedEvents: Int { 8 }

  /// Asks for the memory that the events after `head` need.
  @inline(__always)
  mutating func seek(
    _ events: Span<ShardEvent>,
    _ openings: Span<EventStrand.Opening>,
    after head: Int,
    _ share: Int
  ) {
    if head + Self.eventDistance < events.count { prefetch(events, head + Self.eventDistance) }
    guard head + Self.knownDistance < events.count else { return }
    let number = place(events[head + Self.knownDistance].connection, share)
    known.prefetch(number)
    seekFirst(events[head + Self.firstDistance], head + Self.firstDistance, share, openings)
    seekSecond(events[head + Self.secondDistance], head + Self.secondDistance, share)
  }

  @inline(__always)
  private mutating func seekFirst(
    _ event: ShardEvent,
    _ number: Int,
    _ share: Int,
    _ openings: Span<EventStrand.Opening>
  ) {
    switch event.kind {
    case .opened:
      let opening = openings[Int(event.index)]
      hints[hint(number, share)] = books.expect(client: opening.client, server: opening.server)
    case .moved, .ended:
      let place = place(event.connection, share)
      guard place < known.count else { return }
      let account = known[place].account
      guard event.kind == .moved, event.index != 0, account.isShared else { return books.expect(peer: account.peer) }
      let opening = openings[Int(event.index - 1)]
      hints[hint(number, share)] = books.expect(client: opening.client, server: opening.server)
    case .siblings, .reused, .handshake, .endedUnheard, .left: break
    }
  }

  @inline(__always)
  private mutating func seekSecond(_ event: ShardEvent, _ number: Int, _ share: Int) {
    let isAnswer = event.kind == .moved && event.index != 0 && isShared(event, share)
    if event.kind == .opened || isAnswer { books.expectOpening(hints[hint(number, share)]) }
  }

  /// Its server answers: it gets accounts of its own.
  @inline(__always)
  private func isShared(_ event: ShardEvent, _ share: Int) -> Bool {
    let place = place(event.connection, share)
    return place < known.count && known[place].account.isShared
  }

  @inline(__always)
  private func hint(_ number: Int, _ share: Int) -> Int {
    share * Self.hintedEvents + number & (Self.hintedEvents - 1)
  }
}

@inline(__always)
private func prefetch<Value>(_ values: Span<Value>, _ number: Int) {
  // The address is in bounds, and only asked for.
  unsafe values.extracting(number...).withUnsafeBufferPointer { unsafe tcpstated_prefetch($0.baseAddress) }
}
