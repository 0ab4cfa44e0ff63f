internal import PacketDecoding

/// Segments in the regular course of a connection. The same as `open` and `take`, of which little is left to do for them.
extension Tracker {
  /// Opens a connection that is not known with a SYN that nothing is odd about; false, and nothing is changed, for all else.
  @inline(never)
  mutating func openPlainly(
    _ arrival: inout Arrival,
    isControlOnly: Bool,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) -> Bool {
    guard Flow.mayOpenPlainly(arrival.segment) else { return false }
    observer.note(arrival.now)
    makeRoom(forHandshake: true, observer: &observer)
    let (client, server) = (arrival.segment.source, arrival.segment.destination)
    let (side, forwards) = settings.withHost(arrival.namespace) { host in
      (host.localAddresses.side(client: client, server: server), host.forwards)
    }
    guard let slot = table.insert(arrival.isWide ? arrival.key : nil, tag: arrival.tag) else { return true }
    let standing = table.update(slot) { flow, detail in
      flow = Flow(&arrival)
      detail = FlowDetail(serial: nextSerial, start: arrival.captured)
      detail.isPartial = isControlOnly
      flow.localSide = side
      flow.openPlainly(arrival.segment, from: arrival.sender, interface: arrival.interface, &detail)
      return flow.standing
    }
    nextSerial += 1
    let account = observer.opened(client: client, server: server, namespace: arrival.namespace, standing)
    table.update(slot) { $1.account = account }
    if settings.asksForOwners { noteUnowned(at: slot) }
    enqueue(slot, in: .halfOpen, at: arrival.now)
    if forwards { noteUnconfirmed(slot, at: arrival.now, observer: &observer) }
    return true
  }

  /// Takes a segment of a connection that is known; false, and nothing is changed, when there is more to it.
  @inline(never)
  mutating func takeInCourse(
    _ arrival: inout Arrival,
    isControlOnly: Bool,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) -> Bool {
    let (slot, sender, now) = (arrival.candidate, arrival.sender, arrival.now)
    let timeWait = settings.timeWait
    let taken: (before: Standing, after: Standing)? = table.updateClosing(slot) {
      flow,
      detail,
      closing,
      hadRetransmits in
      let before = flow.standing
      guard
        let effect = flow.takeInCourse(arrival.segment, from: sender, interface: arrival.interface, &detail, &closing)
      else { return nil }
      if isControlOnly { flow.assumeAcknowledgments() }
      let after = flow.standing
      detail.noteHandshake(before, after, at: arrival.captured, hadRetransmits: hadRetransmits)
      flow.armTimeWait(effect, from: sender, &closing, until: now + timeWait)
      flow.lastPacket = arrival.captured
      flow.lastSeen = now.milliseconds
      flow.noteQuiet(&detail)
      return (before, after)
    }
    guard let (before, after) = taken else { return false }
    observer.note(now)
    guard before != after else {
      if after.holdsTimeWait { requeue(slot, at: now) }
      return true
    }
    let step = Step(before: before, after: after, account: table.detail(at: slot).account)
    if log.isOn, step.moves {
      log(arrival.segment, from: sender, at: slot, before: before, after: after, captured: arrival.captured)
    }
    if step.closes { noteClose(step, arrival.segment, from: sender, at: slot, now, &observer) }
    if after.localSide != .unknown { noteHalfClose(step, slot) }
    report(step, slot, &observer)
    if arrival.segment.flags.isSYN { noteHandshake(step, from: sender, at: slot, &observer) }
    if settings.asksForOwners { noteUnowned(step, at: slot) }
    requeue(slot, at: now)
    return true
  }

  /// What the first FIN means to the conversation.
  private mutating func noteClose(
    _ step: Step,
    _ segment: Segment,
    from sender: End,
    at slot: Slot,
    _ now: Instant,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let siblings = UInt32(clamping: observer.siblings(step.account))
    table.updateConversation(slot) { flow, turns, particulars, speakers in
      let role = flow.role(of: sender)
      turns.noteClose(by: role, at: now, flow, sender, segment, &particulars, speakers)
      particulars.openSiblings = siblings
    }
  }
}
