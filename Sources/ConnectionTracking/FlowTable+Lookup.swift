internal import CPrefetch
internal import PacketDecoding

/// From keys to slots, and asking for memory before it is needed.
extension FlowTable {
  /// The connection with this key, if it still is that one.
  package func connection(_ key: FlowKey, serial: UInt64) -> ConnectionView? {
    guard let slot = find(key), detail(at: slot).serial == serial else { return nil }
    return view(at: slot)
  }

  @inline(__always)
  func tag(of key: FlowKey) -> UInt32 { FlowIndex.tag(hasher(key)) }

  /// The same of a key that fits the hot line.
  @inline(__always)
  func tag(narrow words: UInt64, _ ports: UInt32) -> UInt32 { FlowIndex.tag(hasher(narrow: words, ports)) }

  func find(_ key: FlowKey) -> Slot? { find(key, tag: tag(of: key)) }

  @inline(__always)
  func find(_ key: FlowKey, tag: UInt32) -> Slot? {
    index.find(tag) { holds(key, $0) }
  }

  /// Asks for the memory that a lookup begins with.
  @inline(__always)
  func prefetchIndex(_ tag: UInt32) { index.prefetch(tag) }

  /// A slot that may be that of a key with this tag, found without reading connections. Its memory is asked for.
  @inline(__always)
  func candidate(_ tag: UInt32) -> Slot {
    let slot = index.first(tag)
    guard slot != .none else { return .none }
    let (chunk, offset) = place(of: slot)
    unsafe tcpstated_prefetch(chunk.flows + offset)
    return slot
  }

  /// Asks for what taking the connection at `slot` out of the index begins with.
  @inline(__always)
  func prefetchIndex(of slot: Slot) { index.prefetch(tag(of: key(at: slot))) }

  /// Asks for all that stands at `slot` of every connection.
  @inline(__always)
  func prefetch(_ slot: Slot) {
    let (chunk, offset) = place(of: slot)
    unsafe tcpstated_prefetch(chunk.flows + offset)
    unsafe FlowChunk.prefetch(chunk.details + offset)
  }

  /// Asks for what a segment needs beside the hot line: one that may be taken quietly, no more than where its timestamp
  /// is held against others; one with payload, what its connection said.
  @inline(__always)
  func prefetch(_ arrival: inout Arrival) {
    let (chunk, offset) = place(of: arrival.candidate)
    let quiet = unsafe chunk.flows[offset].quiet
    if arrival.segment.payloadLength > 0 {
      unsafe FlowChunk.prefetch(chunk.turns + offset)
      unsafe FlowChunk.prefetch(chunk.details + offset)
    } else if !quiet.allowWithoutLetter(arrival.sender) || !arrival.segment.flags.isBareACK {
      unsafe FlowChunk.prefetch(chunk.details + offset)
    } else if arrival.segment.options.present.timestamps {
      unsafe Self.prefetchTimestamps(chunk.details + offset, of: arrival.sender)
    }
  }

  /// Asks for the line of the detail in which an end's timestamp stands.
  @inline(__always)
  private static func prefetchTimestamps(_ detail: UnsafeMutablePointer<FlowDetail>, of end: End) {
    unsafe tcpstated_prefetch(FlowDetail.place(of: end, in: detail))
  }

  /// Runs `body` on the candidate, in place; nil when it is not the connection of the segment.
  @inline(__always)
  func updateCurrent<Result>(
    _ arrival: inout Arrival,
    _ body: (inout Arrival, inout Flow, inout FlowDetail) -> Result
  ) -> Result? {
    guard arrival.candidate != .none else { return nil }
    let (chunk, offset) = place(of: arrival.candidate)
    guard unsafe chunk.flows[offset].isThat(of: &arrival) else { return nil }
    if arrival.isWide, unsafe chunk.wideKeys[offset] != arrival.key { return nil }
    return unsafe body(&arrival, &chunk.flows[offset], &chunk.details[offset])
  }

  @inline(__always)
  private func holds(_ key: FlowKey, _ slot: Slot) -> Bool {
    let (chunk, offset) = place(of: slot)
    let hot = unsafe chunk.flows[offset].hotMatches(key)
    guard hot != .differs else { return false }
    return unsafe (hot == .same || chunk.wideKeys[offset] == key)
  }
}

extension Flow {
  /// Whether the segment is of this connection, as far as the hot line tells.
  @inline(__always)
  fileprivate mutating func isThat(of arrival: inout Arrival) -> Bool {
    words == arrival.words && ports == arrival.ports && queue != .free && traits.isWide == arrival.isWide
  }
}
