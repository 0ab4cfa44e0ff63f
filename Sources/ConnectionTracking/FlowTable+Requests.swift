internal import PacketDecoding

/// Connections of which nothing but the SYN has come.
extension FlowTable {
  /// Whether there is room for one more connection.
  @inline(__always)
  var hasRoom: Bool { count < capacity }

  /// Adds a SYN, where there is room; it has no account yet.
  @inline(__always)
  mutating func add(_ arrival: inout Arrival, _ side: LocalSide, isPartial: Bool, serial: UInt64) -> Slot? {
    guard let slot = insert(tag: arrival.tag) else { return nil }
    let offset = place(of: slot)
    let none = AccountKey(service: 0, peer: 0)
    unsafe Flow.beginRequest(at: memory.flows.start + offset, &arrival, side, none, isPartial: isPartial)
    unsafe (memory.stays.start + offset).initialize(to: Stay(requestSerial: serial))
    return slot
  }

  @inline(__always)
  func isRequest(_ slot: Slot) -> Bool { updateHotLine(slot) { flow in flow.isRequest } }

  /// Makes it a connection like others, which waits where it waited. (Mutating: for what is not, the table is handed over
  /// by value.)
  @inline(never)
  mutating func makeWhole(_ slot: Slot) {
    let serial = beginWhole(slot)
    update(slot) { flow, detail in flow.makeWhole(&detail, serial: serial) }
  }

  /// Notes when a request began.
  ///
  /// - Returns: its serial number, which stood there.
  @inline(__always)
  mutating func beginWhole(_ slot: Slot) -> UInt64 {
    let offset = place(of: slot)
    let serial = unsafe memory.stays.start[offset].requestSerial
    unsafe memory.stays.start[offset].start = memory.flows.start[offset].lastPacket
    return serial
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

  // MARK: Going

  /// Takes one out.
  @inline(__always)
  mutating func removeRequest(_ slot: Slot) { remove(slot, tag: requestTag(slot)) }

  /// The same as taking one out and adding a SYN, which gets its slot. The account is that of the new one.
  @inline(__always)
  mutating func replaceRequest(
    _ slot: Slot,
    by arrival: inout Arrival,
    _ side: LocalSide,
    _ account: AccountKey,
    isPartial: Bool,
    serial: UInt64
  ) {
    memory.index.replace(requestTag(slot), by: arrival.tag, slot)
    markNews(arrival.tag)
    let offset = place(of: slot)
    unsafe Flow.beginRequest(at: memory.flows.start + offset, &arrival, side, account, isPartial: isPartial)
    unsafe memory.stays.start[offset].requestSerial = serial
  }

  @inline(__always)
  private func requestTag(_ slot: Slot) -> UInt32 { updateHotLine(slot) { flow in flow.requestTag } }

  /// Asks for what taking out the next handshakes begins with, which in a flood will be soon: for as many as have gone,
  /// the places in the index of those whose hot lines, which tell them, were asked for before, and the hot lines of those
  /// behind.
  ///
  /// - Parameter first: the first of them.
  @inline(__always)
  mutating func expectRequests(_ count: Int, from first: Slot) {
    for _ in 0..<count {
      let slot = expected.sought
      // It may have been answered, and have left.
      guard slot != .none, isRequest(slot) else { return expectAnew(from: first) }
      expectPlace(of: slot)
      expected.sought = self[stayAt: slot].following
      expectHotLine()
    }
  }

  @inline(never)
  private mutating func expectAnew(from first: Slot) {
    guard expected.countDown() else { return }
    (expected.sought, expected.next) = (first, first)
    for _ in 0..<ExpectedRequests.ahead { expectHotLine() }
    for _ in 0..<ExpectedRequests.ahead {
      let slot = expected.sought
      guard slot != .none else { return }
      expectPlace(of: slot)
      expected.sought = self[stayAt: slot].following
      expectHotLine()
    }
  }

  @inline(__always)
  private mutating func expectPlace(of slot: Slot) {
    memory.index.prefetch(requestTag(slot), memory.index.places)
  }

  @inline(__always)
  private mutating func expectHotLine() {
    let slot = expected.next
    guard slot != .none else { return }
    let place = place(of: slot)
    memory.flows.prefetchLine(place)
    // They stand in the order of their slots, as a rule, and the one tells where the next is.
    memory.stays.prefetchLine(place &+ Self.staysAhead)
    expected.next = self[stayAt: slot].following
  }

  private static var staysAhead: Int { 2 * ExpectedRequests.ahead }

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

/// Which of the next handshakes have been asked for: in a flood the oldest go as fast as others come.
struct ExpectedRequests: Sendable {
  static let ahead = 8

  /// The first whose place in the index was not asked for, and the first whose hot line was not.
  var sought = Slot.none
  var next = Slot.none
  /// At the end of all, some go before it is begun anew.
  private var left = 0

  /// - Returns: whether it is time to begin anew.
  @inline(__always)
  mutating func countDown() -> Bool {
    left &-= 1
    guard left <= 0 else { return false }
    left = Self.ahead
    return true
  }
}
