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
    let number = table.add(&arrival, side, isPartial: isControlOnly, serial: nextSerial)
    nextSerial &+= 1
    unansweredCount &+= 1
    nextDeadline = min(nextDeadline, arrival.now + settings.halfOpen)
    let account =
      arrival.isWide
      ? Self.openWide(&arrival, side, &observer) : Self.request(&arrival, side, &observer)
    table.handshakes.setAccount(account, of: number)
    // The host's own SYNs, and those that it may forward, are looked at at once.
    if arrival.isWide || forwards || side == .client || side == .both {
      makeWholeAtOnce(number, &arrival, forwards: forwards, &observer)
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
    _ number: UInt32,
    _ arrival: inout Arrival,
    forwards: Bool,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard let slot = table.makeWhole(number, tag: arrival.tag, isWide: arrival.isWide) else { return }
    if arrival.isWide { table.setWideKey(arrival.key, at: slot) }
    let namespace = arrival.namespace
    table.update(slot) { $1.account = AccountKey(accounts: $1.account.accounts, namespace: namespace) }
    if settings.asksForOwners { noteUnowned(at: slot) }
    if forwards { noteUnconfirmed(slot, at: arrival.now, observer: &observer) }
  }

  /// Meets the deadlines of handshakes up to `now`.
  mutating func meetHandshakeDeadlines(at now: Instant, observer: inout (some ConnectionObserver & ~Copyable)) {
    while let deadline = table.firstHandshakeDeadline, deadline <= now {
      let first = table.handshakes.first
      observer.meets(deadline, ofQueue: DeadlineQueue.Kind.halfOpen.rawValue)
      if table.handshakes.isRequest(first) {
        retireRequest(first, isShed: false, observer: &observer)
      } else {
        meetDeadline(of: table.handshakes.slot(first), .halfOpen, at: now, observer: &observer)
      }
      expectNextHandshake(&observer)
    }
  }

  private mutating func expectNextHandshake(_ observer: inout (some ConnectionObserver & ~Copyable)) {
    let next = table.handshakes.first
    guard next != SYNQueue.none else { return }
    let slot = table.handshakes.isRequest(next) ? Slot(request: next) : table.handshakes.slot(next)
    observer.expect(peer: table.accounts(at: slot).peer)
  }

  /// Takes out one that runs out. Where the observer needs to know no more, nothing but where it stands is kept of it;
  /// otherwise it goes as all others do.
  ///
  /// - Parameter isShed: before its time.
  @inline(__always)
  mutating func retireRequest(
    _ number: UInt32,
    isShed: Bool,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let isAllToTell = observer.ranOut(
      table.handshakes[number].account,
      serial: table.handshakes.serial(number),
      table.handshakes[number].side,
      isUnanswered: !isShed
    )
    guard isAllToTell else { return retireWhole(number, isShed: isShed, &observer) }
    unansweredCount &-= 1
    table.removeRequest(number)
    table.prefetchHandshakes(after: number)
  }

  @inline(never)
  private mutating func retireWhole(
    _ number: UInt32,
    isShed: Bool,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard let slot = table.makeWhole(number, tag: table.tag(ofRequest: number)) else { return }
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
