internal import PacketDecoding

/// Connections of which nothing but the SYN has come.
extension FlowTable {
  /// Whether there is room for one more connection.
  @inline(__always)
  var hasRoom: Bool { count < capacity }

  /// Adds a SYN, where there is room.
  @inline(__always)
  mutating func add(_ arrival: inout Arrival, _ side: LocalSide, isPartial: Bool, serial: UInt64) -> Slot? {
    guard let slot = insert(tag: arrival.tag) else { return nil }
    let offset = place(of: slot)
    unsafe Flow.beginRequest(at: memory.flows.start + offset, &arrival, side, isPartial: isPartial)
    unsafe (memory.stays.start + offset).initialize(to: Stay(requestSerial: serial))
    return slot
  }

  @inline(__always)
  func isRequest(_ slot: Slot) -> Bool { updateHotLine(slot) { flow in flow.isRequest } }

  /// Makes it a connection like others: the one place where that is done. It waits where it waited. (Mutating: for what
  /// is not, the table is handed over by value.)
  @inline(never)
  mutating func makeWhole(_ slot: Slot) {
    let serial = self[stayAt: slot].requestSerial
    self[stayAt: slot].start = updateHotLine(slot) { flow in flow.lastPacket }
    update(slot) { flow, detail in flow.makeWhole(&detail, serial: serial) }
  }

  // MARK: Lookup

  /// The slot of a connection of which more than the SYN has come.
  func find(_ key: FlowKey) -> Slot? {
    guard let slot = find(key, tag: tag(of: key)), !isRequest(slot) else { return nil }
    return slot
  }

  /// The connection with this key, which is made whole if nothing but its SYN had come.
  mutating func findWhole(_ key: FlowKey) -> Slot? { findWhole(key, tag: tag(of: key)) }

  mutating func findWhole(_ key: FlowKey, tag: UInt32) -> Slot? {
    guard let slot = find(key, tag: tag) else { return nil }
    if isRequest(slot) { makeWhole(slot) }
    return slot
  }

  /// The numbers of the service and the peer in the account of a connection.
  @inline(__always)
  func accounts(at slot: Slot) -> (service: UInt32, peer: UInt32) {
    update(slot) { flow, detail in
      guard flow.isRequest else { return (detail.service, detail.peer) }
      let account = flow.requestAccount
      return (account.service, account.peer)
    }
  }

  /// Asks for what taking out the next handshakes begins with, which in a flood will be soon: some at a time.
  ///
  /// - Parameter first: the first of them.
  @inline(__always)
  mutating func expectRequests(from first: Slot) {
    expectedRequests &-= 1
    if expectedRequests <= 0 { expectMoreRequests(from: first) }
  }

  /// Asks for hot lines two groups ahead, and for the places in the index a group ahead, which these tell.
  @inline(never)
  private mutating func expectMoreRequests(from first: Slot) {
    let group = 8
    expectedRequests = group
    var slot = first
    for number in 0..<3 * group {
      guard slot != .none else { return }
      if number >= 2 * group {
        memory.flows.prefetchLine(place(of: slot))
      } else if number >= group {
        let tag = tag(at: slot)
        memory.index.prefetch(tag)
        memory.index.prefetchRun(tag)
      }
      slot = self[stayAt: slot].following
    }
  }

  // MARK: Reading

  /// As it would be seen if it were whole.
  func view(ofRequest slot: Slot) -> ConnectionView {
    var (flow, stay) = (flow(at: slot), self[stayAt: slot])
    var detail = FlowDetail(serial: stay.requestSerial)
    flow.makeWhole(&detail, serial: stay.requestSerial)
    stay.start = flow.lastPacket
    return ConnectionView(key: key(at: slot), flow: flow, detail: detail, stay: stay, rarities: FlowRarities())
  }

  /// Runs `body` on all connections.
  package func forEachConnection(_ body: (ConnectionView) -> Void) {
    for number in 0..<slotLimit {
      if let connection = connection(atNumber: number) { body(connection) }
    }
  }
}
