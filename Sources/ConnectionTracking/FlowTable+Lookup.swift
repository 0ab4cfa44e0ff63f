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
  func tag(narrow first: UInt64, _ second: UInt64) -> UInt32 { FlowIndex.tag(hasher(narrow: first, second)) }

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
    guard let slot = index.find(tag, { _ in true }) else { return .none }
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
  /// is held against others; one with payload, what its connection said, and the turns alone where that is not read and
  /// there is nothing to tell.
  @inline(__always)
  func prefetch(_ arrival: inout Arrival) {
    let (chunk, offset) = place(of: arrival.candidate)
    let sendsData = arrival.segment.payloadLength > 0
    let (quiet, turnsSuffice) = updateHotLine(arrival.candidate) { flow in (flow.quiet, flow.turnsSuffice) }
    if sendsData {
      unsafe FlowChunk.prefetch(chunk.turns + offset)
      if arrival.payloadCount > 0, !turnsSuffice { unsafe FlowChunk.prefetch(chunk.speakers + offset) }
    }
    let mayBeQuiet = quiet.allowWithoutLetter(arrival.sender, sendsData: sendsData) && arrival.segment.flags.isBareACK
    if !mayBeQuiet || sendsData && !turnsSuffice {
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

  /// Whether the candidate is the connection of the segment.
  @inline(__always)
  func isCurrent(_ arrival: inout Arrival) -> Bool {
    guard arrival.candidate != .none else { return false }
    let (chunk, offset) = place(of: arrival.candidate)
    let isSame = updateHotLine(arrival.candidate) { flow in
      flow.words == arrival.words && flow.ports == arrival.ports && flow.queue != .free
        && flow.traits.isWide == arrival.isWide
    }
    guard isSame else { return false }
    return unsafe !arrival.isWide || chunk.wideKeys[offset] == arrival.key
  }

  @inline(__always)
  private func holds(_ key: FlowKey, _ slot: Slot) -> Bool {
    let (chunk, offset) = place(of: slot)
    let hot = unsafe chunk.flows[offset].hotMatches(key)
    guard hot != .differs else { return false }
    return unsafe (hot == .same || chunk.wideKeys[offset] == key)
  }
}
