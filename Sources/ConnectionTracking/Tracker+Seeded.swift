internal import PacketDecoding

/// Packets of a connection that came from the kernel's table.
extension Tracker {
  /// The first packet since. One from before the reading was still on its way to us: a SYN says more of the connection
  /// than the table did, anything else is what led to the state that was read.
  mutating func takeFirst(
    _ segment: Segment,
    _ payload: RawSpan,
    from sender: End,
    at slot: Slot,
    _ interface: UInt8,
    _ now: Instant,
    _ captured: Timestamp,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    if captured < table[stayAt: slot].start {
      guard segment.flags.isSYN, !segment.flags.isRST else { return }
      restart(slot, at: now, captured: captured, observer: &observer)
      take(segment, payload, from: sender, at: slot, interface, now, captured, &observer)
      return
    }
    table[stayAt: slot].start = captured
    table.update(slot) { flow, detail, rare in
      flow.traits.fromKernel = false
      flow.learnFINs(from: segment, sender: sender, &detail, &rare)
    }
    receive(segment, payload: payload, interface: interface, at: now, captured: captured, observer: &observer)
  }

  /// Forgets what the table told, for the connection is known from its beginning after all.
  private mutating func restart(
    _ slot: Slot,
    at now: Instant,
    captured: Timestamp,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let key = table.key(at: slot)
    table[stayAt: slot].start = captured
    let step = table.update(slot) { flow, detail, rare in
      let before = flow.standing
      var fresh = Flow(key, at: now, captured: captured)
      fresh.traits.clientIsSecond = flow.traits.clientIsSecond
      fresh.traits.rolesObserved = true
      fresh.localSide = flow.localSide
      fresh.queue = flow.queue
      flow = fresh
      let account = detail.account
      detail[.first] = FlowEndDetail()
      detail[.second] = FlowEndDetail()
      detail.account = account
      rare.forgetAllButHistory()
      detail.hasConversation = false
      return Step(before: before, after: flow.standing, account: detail.account)
    }
    report(step, slot, &observer)
    requeue(slot, at: now)
  }
}
