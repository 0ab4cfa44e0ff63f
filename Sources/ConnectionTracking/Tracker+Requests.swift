internal import PacketDecoding

/// Connections of which nothing but the SYN has come: a flood's take little, and leave as fast as they come.
extension Tracker {
  /// Opens a connection that is not known with a SYN that nothing is odd about.
  @inline(never)
  mutating func openPlainly(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard Flow.mayOpenPlainly(arrival.segment) else { return receiveNews(&arrival, octets, observer: &observer) }
    if lacksRoomForHandshakes { return requestWithoutRoom(&arrival, observer: &observer) }
    guard table.hasRoom else { return makeRoomAndRequest(&arrival, observer: &observer) }
    request(&arrival, observer: &observer)
  }

  @inline(never)
  private mutating func makeRoomAndRequest(
    _ arrival: inout Arrival,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    observer.note(arrival.now)
    makeRoom(forHandshake: true, observer: &observer)
    if table.hasRoom { request(&arrival, observer: &observer) }
  }

  /// There is room.
  @inline(__always)
  private mutating func request(
    _ arrival: inout Arrival,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let (side, forwards) = place(of: &arrival)
    let isControlOnly = settings.isControlOnly(arrival.captured)
    guard let slot = table.add(&arrival, side, isPartial: isControlOnly, serial: nextSerial) else { return }
    nextSerial &+= 1
    unansweredCount &+= 1
    let deadline = arrival.now + settings.halfOpen
    if queues.add(slot, to: .halfOpen, due: deadline, &table) { nextDeadline = min(nextDeadline, deadline) }
    let account: AccountKey
    if arrival.isWide {
      account = Self.openWide(&arrival, side, &observer)
    } else {
      account = observer.requested(RequestEnds(arrival.segment.ends), side, at: arrival.now)
    }
    table.updateHotLine(slot) { flow in flow.requestAccount = account }
    if arrival.isWide || Self.looksAtOnce(side, forwards: forwards) {
      makeWholeAtOnce(slot, &arrival, forwards: forwards, &observer)
    }
  }

  /// In a flood, for each that comes the oldest goes: the new one takes its slot and its turn at the other end of the
  /// queue, and nothing is counted down and up again.
  @inline(never)
  private mutating func requestWithoutRoom(
    _ arrival: inout Arrival,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    // Who hears of those that leave needs all of the oldest.
    guard !observer.hearsOfLeaving else { return makeRoomAndRequest(&arrival, observer: &observer) }
    let deadline = arrival.now + settings.halfOpen
    let (side, forwards) = place(of: &arrival)
    let oldest = queues.head(of: .halfOpen)
    guard !arrival.isWide, !Self.looksAtOnce(side, forwards: forwards), oldest != .none, table.isRequest(oldest),
      queues[.halfOpen].mayRotate(due: deadline, &table)
    else { return makeRoomAndRequest(&arrival, observer: &observer) }
    let (former, formerSide) = table.updateHotLine(oldest) { flow in (flow.requestAccount, flow.localSide) }
    let account = observer.requested(
      RequestEnds(arrival.segment.ends),
      side,
      inPlaceOf: former,
      formerSide,
      formerSerial: table[stayAt: oldest].requestSerial,
      at: arrival.now
    )
    guard let account else { return makeRoomAndRequest(&arrival, observer: &observer) }
    evicted &+= 1
    isFlooded = true
    // The next deadline is no later than any before this one.
    queues[.halfOpen].rotate(due: deadline, &table)
    let isPartial = settings.isControlOnly(arrival.captured)
    table.replaceRequest(oldest, by: &arrival, side, account, isPartial: isPartial, serial: nextSerial)
    nextSerial &+= 1
    table.expectRequests(1, from: queues.head(of: .halfOpen))
  }

  /// On which side a SYN's connection is, and whether it may be somebody else's.
  @inline(__always)
  private func place(of arrival: inout Arrival) -> (side: LocalSide, forwards: Bool) {
    settings.withHost(arrival.namespace) { host in
      (host.localAddresses.isKnown ? host.localAddresses.side(&arrival) : .unknown, host.forwards)
    }
  }

  /// The host's own SYNs, and those that it may forward, are looked at at once.
  @inline(__always)
  private static func looksAtOnce(_ side: LocalSide, forwards: Bool) -> Bool {
    forwards || side == .client || side == .both
  }

  @inline(never)
  private static func openWide(
    _ arrival: inout Arrival,
    _ side: LocalSide,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) -> AccountKey {
    observer.note(arrival.now)
    return observer.opened(
      client: arrival.segment.source,
      server: arrival.segment.destination,
      namespace: arrival.namespace,
      .unanswered(side)
    )
  }

  @inline(never)
  private mutating func makeWholeAtOnce(
    _ slot: Slot,
    _ arrival: inout Arrival,
    forwards: Bool,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    if arrival.isWide { table.setWideKey(arrival.key, at: slot) }
    table.makeWhole(slot)
    let namespace = arrival.namespace
    table.update(slot) { $1.account = AccountKey(accounts: $1.account.accounts, namespace: namespace) }
    if settings.asksForOwners { noteUnowned(at: slot) }
    if forwards { noteUnconfirmed(slot, at: arrival.now, observer: &observer) }
  }

  /// Takes out one that runs out. Where the observer needs to know no more, nothing but where it stands is kept of it;
  /// otherwise it goes as all others do.
  ///
  /// - Parameter isShed: before its time.
  @inline(__always)
  mutating func retireRequest(
    _ slot: Slot,
    isShed: Bool,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let (account, side) = table.updateHotLine(slot) { flow in (flow.requestAccount, flow.localSide) }
    let serial = table[stayAt: slot].requestSerial
    guard observer.ranOut(account, serial: serial, side, isUnanswered: !isShed) else {
      return retireWhole(slot, isShed: isShed, &observer)
    }
    unansweredCount &-= 1
    queues.remove(slot, from: .halfOpen, &table)
    table.removeRequest(slot)
    table.expectRequests(1, from: queues.head(of: .halfOpen))
  }

  @inline(never)
  private mutating func retireWhole(
    _ slot: Slot,
    isShed: Bool,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    table.makeWhole(slot)
    if isShed { evict(slot, observer: &observer) } else { retire(slot, as: .expired, observer: &observer) }
  }
}

extension LocalAddresses {
  /// Of a SYN that opens a connection.
  @inline(never)
  fileprivate func side(_ arrival: inout Arrival) -> LocalSide {
    side(client: arrival.segment.source, server: arrival.segment.destination)
  }
}
