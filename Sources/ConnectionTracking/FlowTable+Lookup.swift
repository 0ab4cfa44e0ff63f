internal import CPrefetch
internal import PacketDecoding

/// From keys to slots, and asking for memory before it is needed.
extension FlowTable {
  /// The connection with this key, if it still is that one.
  package func connection(_ key: FlowKey, serial: UInt64) -> ConnectionView? {
    guard let slot = find(key, tag: tag(of: key)) else { return nil }
    let connection = isRequest(slot) ? view(ofRequest: slot.request) : view(at: slot)
    return connection.detail.serial == serial ? connection : nil
  }

  @inline(__always)
  func tag(of key: FlowKey) -> UInt32 { FlowIndex.tag(hasher(key)) }

  /// The same of a key that fits the hot line.
  @inline(__always)
  func tag(narrow words: UInt64, _ ports: UInt32) -> UInt32 { FlowIndex.tag(hasher(narrow: words, ports)) }

  /// That of the connection at `slot`.
  @inline(__always)
  func tag(at slot: Slot) -> UInt32 {
    let (chunk, offset) = place(of: slot)
    let narrow = updateHotLine(slot) { flow in flow.traits.isWide ? nil : tag(narrow: flow.words, flow.ports) }
    return unsafe narrow ?? tag(of: chunk.wideKeys[offset])
  }

  /// The slot of a connection of which more than the SYN has come.
  func find(_ key: FlowKey) -> Slot? {
    guard let slot = find(key, tag: tag(of: key)), !isRequest(slot) else { return nil }
    return slot
  }

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
    if slot.rawValue < slotLimit {
      let (chunk, offset) = place(of: slot)
      unsafe tcpstated_prefetch(chunk.flows + offset)
    } else if slot != .none {
      handshakes.prefetch(slot.request)
    }
    return slot
  }

  /// Asks for what taking the connection at `slot` out of the index begins with.
  @inline(__always)
  func prefetchIndex(of slot: Slot) { index.prefetch(tag(at: slot)) }

  /// Asks for all that stands at `slot` of every connection.
  @inline(__always)
  func prefetch(_ slot: Slot) {
    let (chunk, offset) = place(of: slot)
    unsafe tcpstated_prefetch(chunk.flows + offset)
    unsafe FlowChunk.prefetch(chunk.details + offset)
    unsafe tcpstated_prefetch(chunk.stays + offset)
  }

  /// Asks for what is needed to take out of the table those that are next to leave a queue: of the one after `slot`,
  /// which has been asked for itself, what it refers to, and the one after that.
  @inline(__always)
  func prefetchLeaving(after slot: Slot) {
    let next = self[stayAt: slot].following
    guard next != .none else { return }
    prefetchIndex(of: next)
    closings.prefetch(detail(at: next).rarities)
    let following = self[stayAt: next].following
    if following != .none { prefetch(following) }
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
      unsafe tcpstated_prefetch(chunk.stays + offset)
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
    guard arrival.candidate.rawValue < slotLimit else { return nil }
    let (chunk, offset) = place(of: arrival.candidate)
    guard unsafe chunk.flows[offset].isThat(of: &arrival) else { return nil }
    if arrival.isWide, unsafe chunk.wideKeys[offset] != arrival.key { return nil }
    return unsafe body(&arrival, &chunk.flows[offset], &chunk.details[offset])
  }

  @inline(__always)
  private func holds(_ key: FlowKey, _ slot: Slot) -> Bool {
    guard !isRequest(slot) else { return holds(key, request: slot.request) }
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
