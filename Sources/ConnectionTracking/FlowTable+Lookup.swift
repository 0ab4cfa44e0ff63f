internal import CPrefetch
internal import PacketDecoding

/// From keys to slots, and asking for memory before it is needed.
extension FlowTable {
  /// The connection with this key, if it still is that one.
  package func connection(_ key: FlowKey, serial: UInt64) -> ConnectionView? {
    guard let slot = find(key, tag: tag(of: key)) else { return nil }
    let connection = view(at: slot)
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
    let offset = place(of: slot)
    let narrow = updateHotLine(slot) { flow in flow.traits.isWide ? nil : tag(narrow: flow.words, flow.ports) }
    return unsafe narrow ?? tag(of: memory.wideKeys.start[offset])
  }

  @inline(__always)
  func find(_ key: FlowKey, tag: UInt32) -> Slot? {
    memory.index.find(tag) { holds(key, $0) }
  }

  /// Where lookups begin as long as nothing is added.
  var places: FlowIndex.Places {
    @inline(__always) get { memory.index.places }
  }

  /// The one that was handed out last; there is one.
  var lastSlot: UInt32 {
    @inline(__always) get { handedOut &- 1 }
  }

  /// Asks for the memory that a lookup begins with.
  @inline(__always)
  func prefetchIndex(_ tag: UInt32, _ places: FlowIndex.Places) { memory.index.prefetch(tag, places) }

  /// A slot that may be that of a key with this tag, found without reading connections. Its memory is asked for.
  @inline(__always)
  func candidate(_ tag: UInt32) -> Slot {
    let slot = memory.index.first(tag, memory.index.places)
    if slot.rawValue < handedOut { memory.flows.prefetchLine(Int(slot.rawValue)) }
    return slot
  }

  /// The same of many: when none is found, the line of the last slot is asked for, so that no branch depends on it.
  @inline(__always)
  func candidate(_ tag: UInt32, _ places: FlowIndex.Places, _ last: UInt32) -> Slot {
    let slot = memory.index.first(tag, places)
    memory.flows.prefetchLine(Int(min(slot.rawValue, last)))
    return slot
  }

  /// Asks for what taking the connection at `slot` out of the index begins with.
  @inline(__always)
  func prefetchIndex(of slot: Slot) { memory.index.prefetch(tag(at: slot), memory.index.places) }

  /// Asks for all that stands at `slot` of every connection.
  @inline(__always)
  func prefetch(_ slot: Slot) {
    let offset = place(of: slot)
    memory.flows.prefetchLine(offset)
    memory.details.prefetch(offset)
    memory.stays.prefetchLine(offset)
  }

  /// Asks for what a close needs of a connection beside what each segment does.
  ///
  /// - Returns: its serial; of one of which nothing but the SYN has come, nothing that counts.
  @inline(__always)
  func expectClose(of slot: Slot) -> UInt64 {
    let offset = place(of: slot)
    memory.turns.prefetchLine(offset)
    return update(slot) { flow, detail in
      if !flow.isRequest { memory.closings.prefetch(detail.rarities) }
      return detail.serial
    }
  }

  /// Asks for what is needed to take out of the table those that are next to leave a queue: of the one after `slot`,
  /// which has been asked for itself, what it refers to, and the one after that.
  @inline(__always)
  func prefetchLeaving(after slot: Slot) {
    let next = self[stayAt: slot].following
    guard next != .none else { return }
    prefetchIndex(of: next)
    if !isRequest(next) { memory.closings.prefetch(detail(at: next).rarities) }
    let following = self[stayAt: next].following
    if following != .none { prefetch(following) }
  }

  /// Asks for what a segment needs beside the hot line: one that may be taken quietly, no more than where its timestamp
  /// is held against others, or its letter stands; one with payload, what its connection said, and the turns alone where
  /// that is not read and there is nothing to tell.
  ///
  /// Of segments of many connections the one tells nothing about the next, which no branch depends on therefore. One that
  /// has no candidate is looked at as if it had the last.
  ///
  /// - Parameter last: a slot that was handed out.
  @inline(__always)
  func prefetch(_ arrival: inout Arrival, _ last: UInt32) {
    let number = arrival.candidate.rawValue
    let isUnknown: UInt8 = number > last ? 1 : 0
    let offset = Int(min(number, last))
    let flow = unsafe memory.flows.start + offset
    let sendsData: UInt8 = arrival.segment.payloadLength > 0 ? 1 : 0
    let mayBeRead: UInt8 = arrival.octetsEnd > arrival.payloadStart ? 1 : 0
    let hasTimestamps = arrival.segment.options.present.timestamps
    let mayJustGoOn = arrival.segment.mayJustGoOn
    let turnIsNews = unsafe flow.pointee.turnsSuffice ? 0 : sendsData
    let marks = unsafe flow.pointee.quiet
    let news = marks.of(arrival.sender, sendsData: sendsData != 0).news(mayJustGoOn: mayJustGoOn)
    let goesOn = news.bits | turnIsNews | isUnknown == 0
    (arrival.mayGoOn, arrival.marks) = (goesOn, marks)
    memory.turns.prefetch(offset, times: sendsData)
    memory.speakers.prefetch(offset, times: turnIsNews & mayBeRead)
    memory.details.prefetch(offset, times: (goesOn ? 0 : 1) | (hasTimestamps ? 1 : 0))
    memory.stays.prefetch(offset, times: news.moreThanLetter)
  }

  /// Notes whether the candidate's next segment of this kind is taken quietly, with the turn that its payload takes, for
  /// as long as its marks are the same.
  @inline(__always)
  func noteMarks(_ arrival: inout Arrival) {
    let sendsData = arrival.segment.payloadLength > 0
    let (marks, turnsSuffice) = updateHotLine(arrival.candidate) { flow in (flow.quiet, flow.turnsSuffice) }
    arrival.marks = marks
    arrival.mayGoOn = marks.allow(&arrival, sendsData: sendsData) && (!sendsData || turnsSuffice)
  }

  /// Runs `body` on the candidate, in place; nil when it is not the connection of the segment.
  @inline(__always)
  func updateCurrent<Result>(
    _ arrival: inout Arrival,
    _ body: (inout Arrival, inout Flow, inout FlowDetail) -> Result
  ) -> Result? {
    // None is never handed out.
    guard arrival.candidate.rawValue < handedOut else { return nil }
    let offset = place(of: arrival.candidate)
    guard unsafe memory.flows.start[offset].isThat(of: &arrival) else { return nil }
    if arrival.isWide {
      guard unsafe memory.flows.start[offset].traits.isWide && memory.wideKeys.start[offset] == arrival.key else {
        return nil
      }
    } else if unsafe memory.flows.start[offset].traits.isWide {
      return nil
    }
    return unsafe body(&arrival, &memory.flows.start[offset], &memory.details.start[offset])
  }

  @inline(__always)
  private func holds(_ key: FlowKey, _ slot: Slot) -> Bool {
    let offset = place(of: slot)
    let hot = unsafe memory.flows.start[offset].hotMatches(key)
    guard hot != .differs else { return false }
    return unsafe (hot == .same || memory.wideKeys.start[offset] == key)
  }
}

extension Flow {
  /// Whether the segment is of this connection, as far as the words and ports tell.
  @inline(__always)
  fileprivate mutating func isThat(of arrival: inout Arrival) -> Bool {
    words == arrival.words && ports == arrival.ports && queue != .free
  }
}

extension QuietMarks {
  @inline(__always)
  fileprivate func allow(_ arrival: inout Arrival, sendsData: Bool) -> Bool {
    of(arrival.sender, sendsData: sendsData).allowWithoutLetter && arrival.segment.mayJustGoOn
  }
}
