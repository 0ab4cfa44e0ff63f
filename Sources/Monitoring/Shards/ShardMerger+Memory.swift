internal import CPrefetch
internal import ConnectionTracking

/// The memory that events need: other threads wrote the events, and what is known of connections lies anywhere.
extension ShardMerger {
  /// How many events ahead memory is asked for: what another thread wrote, then what is known of the connection, then
  /// what that leads to.
  private static let eventDistance = 24
  private static let knownDistance = 8
  private static let sharedDistance = 4

  /// Asks for the memory that the events after `head` need.
  @inline(__always)
  func seek(_ events: [ShardEvent], after head: Int, _ share: Int) {
    Self.prefetch(events, head + Self.eventDistance)
    if head + Self.knownDistance < events.count {
      Self.prefetch(known, place(events[head + Self.knownDistance].connection, share))
    }
    guard head + Self.sharedDistance < events.count else { return }
    let event = events[head + Self.sharedDistance]
    let number = place(event.connection, share)
    if event.kind == .moved, event.from.serverPhase == .listen, number < known.count {
      Self.prefetch(shared, Int(known[number].place))
    }
  }

  @inline(__always)
  private static func prefetch<Value>(_ values: [Value], _ number: Int) {
    guard number < values.count else { return }
    // The address is in bounds, and only asked for.
    unsafe values.withUnsafeBufferPointer { unsafe tcpstated_prefetch($0.baseAddress.map { unsafe $0 + number }) }
  }
}
