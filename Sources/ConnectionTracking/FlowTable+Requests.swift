internal import CPrefetch
internal import PacketDecoding

/// Connections of which nothing but the SYN has come. In the index they stand as others do, with a number from
/// `Slot.firstRequest` on.
extension FlowTable {
  /// Whether there is room for one more connection.
  @inline(__always)
  var hasRoom: Bool { count < capacity }

  /// Adds a SYN, where there is room.
  @inline(__always)
  mutating func add(_ arrival: inout Arrival, _ side: LocalSide, isPartial: Bool, serial: UInt64) -> UInt32 {
    let beginning = Beginning(now: arrival.now, captured: arrival.captured, serial: serial)
    let number = handshakes.add(Request(&arrival, side, isPartial: isPartial), beginning)
    memory.index.insert(arrival.tag, Slot(request: number))
    noteNews(arrival.tag)
    return number
  }

  /// Takes out one of which nothing but the SYN came.
  @inline(__always)
  mutating func removeRequest(_ number: UInt32) {
    memory.index.remove(tag(ofRequest: number), Slot(request: number))
    handshakes.remove(number)
    forgetRequest()
  }

  /// Makes a connection like others of one of which nothing but the SYN has come: the one place where that is done. It
  /// waits where it waited.
  ///
  /// - Parameter isWide: its key does not fit the hot line. It is made whole before anybody looks it up, and the key is
  ///   for the caller to set.
  @inline(never)
  mutating func makeWhole(_ number: UInt32, tag: UInt32, isWide: Bool = false) -> Slot? {
    guard let slot = takeSlot() else { return nil }
    let (request, beginning) = (handshakes[number], handshakes.beginning(number))
    memory.index.replace(tag, Slot(request: number), with: slot)
    update(slot) { flow, detail in request.begin(&flow, &detail, beginning, isWide: isWide) }
    self[stayAt: slot].start = beginning.captured
    wait(slot, until: beginning.now + handshakes.span, between: Slot(number), and: .none)
    handshakes.place(number, at: slot)
    return slot
  }

  /// Whether it is one of which nothing but the SYN has come.
  @inline(__always)
  func isRequest(_ slot: Slot) -> Bool { slot.rawValue >= Slot.firstRequest && slot != .none }

  // MARK: Waiting

  /// Gives a connection its place behind all handshakes.
  @inline(__always)
  mutating func waitAsHandshake(_ slot: Slot, until deadline: Instant) {
    let number = handshakes.add(slot)
    wait(slot, until: deadline, between: Slot(number), and: .none)
  }

  @inline(__always)
  mutating func leaveHandshakes(_ slot: Slot) { handshakes.remove(self[stayAt: slot].previous.rawValue) }

  /// When the first handshake runs out.
  @inline(__always)
  var firstHandshakeDeadline: Instant? {
    mutating get {
      let first = handshakes.first
      guard first != SYNQueue.none else { return nil }
      return handshakes.isRequest(first) ? handshakes.deadline(first) : self[stayAt: handshakes.slot(first)].deadline
    }
  }

  // MARK: Lookup

  @inline(__always)
  func tag(ofRequest number: UInt32) -> UInt32 {
    tag(narrow: handshakes[number].words, handshakes[number].ports)
  }

  @inline(__always)
  func holds(_ key: FlowKey, request number: UInt32) -> Bool {
    !key.isWide && isRequest(number, Flow.words(key.first, key.second), Flow.ports(key.first, key.second))
  }

  @inline(__always)
  private func isRequest(_ number: UInt32, _ words: UInt64, _ ports: UInt32) -> Bool {
    guard number < handshakes.limit, handshakes.isRequest(number) else { return false }
    return handshakes[number].words == words && handshakes[number].ports == ports
  }

  /// The candidate of a segment is that of which nothing but the SYN had come, and is made whole; false, and nothing is
  /// changed, when it is not.
  @inline(__always)
  mutating func makeWhole(_ arrival: inout Arrival) -> Bool {
    let candidate = arrival.candidate
    guard isRequest(candidate), !arrival.isWide, isRequest(candidate.request, arrival.words, arrival.ports),
      let slot = makeWhole(candidate.request, tag: arrival.tag)
    else { return false }
    arrival.candidate = slot
    return true
  }

  /// The connection with this key, which is made whole if nothing but its SYN had come.
  mutating func findWhole(_ key: FlowKey) -> Slot? { findWhole(key, tag: tag(of: key)) }

  mutating func findWhole(_ key: FlowKey, tag: UInt32) -> Slot? {
    guard let slot = find(key, tag: tag) else { return nil }
    return isRequest(slot) ? makeWhole(slot.request, tag: tag) : slot
  }

  /// The numbers of the service and the peer in the account of a connection, which may be one of which nothing but the
  /// SYN has come.
  @inline(__always)
  mutating func accounts(at slot: Slot) -> (service: UInt32, peer: UInt32) {
    guard !isRequest(slot) else {
      let account = handshakes[slot.request].account
      return (account.service, account.peer)
    }
    return update(slot) { _, detail in (detail.service, detail.peer) }
  }

  /// Asks for what taking out the next handshakes begins with, which in a flood will be soon: a group at a time.
  ///
  /// - Parameter number: that of the one that was first until now.
  @inline(__always)
  mutating func prefetchHandshakes(after number: UInt32) {
    let first = handshakes.first
    if !SYNQueue.areOfOneGroup(number, first) { prefetchGroup(after: first) }
  }

  /// Asks for the places in the index of those in the group after that of `number`, and for the one behind that.
  // Mutating: for what is not, a table that is being changed is copied.
  @inline(never)
  private mutating func prefetchGroup(after number: UInt32) {
    guard number != SYNQueue.none else { return }
    if !handshakes.isRequest(number) { prefetch(handshakes.slot(number)) }
    guard let next = handshakes.group(after: number) else { return }
    for number in next {
      let tag = tag(ofRequest: number)
      memory.index.prefetch(tag)
      memory.index.prefetchRun(tag)
    }
    if let following = handshakes.group(after: next.lowerBound) { handshakes.prefetch(following) }
  }

  // MARK: Reading

  /// Numbers of those of which nothing but the SYN has come run in this range; not each is one's.
  package var requestNumbers: Range<UInt32> {
    Slot.firstRequest..<Slot.firstRequest + handshakes.limit
  }

  /// As it would be seen if it were whole.
  func view(ofRequest number: UInt32) -> ConnectionView {
    let (request, beginning) = (handshakes[number], handshakes.beginning(number))
    var flow = Flow(request.key, at: beginning.now, captured: beginning.captured)
    var detail = FlowDetail(serial: beginning.serial)
    request.begin(&flow, &detail, beginning, isWide: false)
    var stay = Stay(start: beginning.captured)
    stay.deadline = handshakes.deadline(number)
    return ConnectionView(key: request.key, flow: flow, detail: detail, stay: stay, rarities: FlowRarities())
  }

  /// Runs `body` on all connections.
  package func forEachConnection(_ body: (ConnectionView) -> Void) {
    for number in 0..<slotLimit {
      if let connection = connection(atNumber: number) { body(connection) }
    }
    for number in requestNumbers {
      if let connection = connection(atNumber: number) { body(connection) }
    }
  }
}
