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
    observer.note(arrival.now)
    makeRoom(forHandshake: true, observer: &observer)
    guard table.hasRoom else { return }
    let (side, forwards) = settings.withHost(arrival.namespace) { host in
      (host.localAddresses.isKnown ? host.localAddresses.side(&arrival) : .unknown, host.forwards)
    }
    let isControlOnly = settings.isControlOnly(arrival.captured)
    guard let slot = table.add(&arrival, side, isPartial: isControlOnly, serial: nextSerial) else { return }
    nextSerial &+= 1
    unansweredCount &+= 1
    let deadline = arrival.now + settings.halfOpen
    nextDeadline = min(nextDeadline, deadline)
    queues.add(slot, to: .halfOpen, due: deadline, &table)
    let account =
      arrival.isWide
      ? Self.openWide(&arrival, side, &observer) : Self.request(&arrival, side, &observer)
    table.updateHotLine(slot) { flow in flow.requestAccount = account }
    // The host's own SYNs, and those that it may forward, are looked at at once.
    if arrival.isWide || forwards || side == .client || side == .both {
      makeWholeAtOnce(slot, &arrival, forwards: forwards, &observer)
    }
  }

  /// What is not wide stands in the words that it is told apart by.
  @inline(__always)
  private static func request(
    _ arrival: inout Arrival,
    _ side: LocalSide,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) -> AccountKey {
    let isSecond = arrival.sender == .second
    // The client's in the lower halves.
    let words = isSecond ? arrival.words << 32 | arrival.words >> 32 : arrival.words
    let ports = isSecond ? arrival.ports << 16 | arrival.ports >> 16 : arrival.ports
    return observer.requested(
      client: Endpoint(
        address: IPAddress(ipv4: UInt32(truncatingIfNeeded: words)),
        port: UInt16(truncatingIfNeeded: ports)
      ),
      server: Endpoint(
        address: IPAddress(ipv4: UInt32(truncatingIfNeeded: words >> 32)),
        port: UInt16(truncatingIfNeeded: ports >> 16)
      ),
      side
    )
  }

  @inline(never)
  private static func openWide(
    _ arrival: inout Arrival,
    _ side: LocalSide,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) -> AccountKey {
    observer.opened(
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
    table.expectRequests(from: queues.head(of: .halfOpen))
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
