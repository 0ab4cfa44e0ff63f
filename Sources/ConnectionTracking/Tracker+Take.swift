internal import PacketDecoding

/// A segment of a connection that is known.
extension Tracker {
  mutating func take(
    _ segment: Segment,
    _ payload: RawSpan,
    from sender: End,
    at slot: Slot,
    _ interface: UInt8,
    _ now: Instant,
    _ captured: Timestamp,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let timeWait = settings.timeWait
    let protectsTimeWait =
      segment.flags.isRST && settings.withHost(settings.namespace(ofInterface: interface)) { $0.protectsTimeWait }
    let isControlOnly = settings.isControlOnly(captured)
    let (step, stream, silence, anomalies) = table.update(slot) { flow, detail, rare in
      let before = flow.standing
      let hadData = detail[sender].once.contains(.data)
      let silence = flow.idle(at: now)
      var stream = StreamStep(before: flow[sender], rare.oddities[sender])
      let effect = flow.take(
        segment,
        from: sender,
        &detail,
        &rare,
        ignoresReset: protectsTimeWait && flow.isLocalTimeWait(sender.other),
        isControlOnly: isControlOnly
      )
      stream.finish(flow[sender], rare.oddities[sender])
      flow.armTimeWait(effect, from: sender, &rare.closing, until: now + timeWait)
      flow.lastPacket = captured
      flow.lastSeen = now.milliseconds
      flow[interfaceOf: sender] = interface
      var step = Step(before: before, after: flow.standing, account: detail.account)
      step.wasRetransmission = stream.wasRetransmission
      step.isFirstData = !hadData && detail[sender].once.contains(.data)
      return (step, stream, silence, effect.anomalies)
    }
    table.noteHandshake(step.before, step.after, slot, at: captured)
    count(anomalies)
    if log.isOn, step.isFirstData || segment.flags.isControl || step.moves {
      log(segment, from: sender, at: slot, step, captured: captured)
    }
    converse(
      segment,
      payload,
      from: sender,
      at: slot,
      stream,
      silence: silence,
      closes: step.closes,
      now,
      &observer
    )
    table.update(slot) { flow, detail in flow.noteQuiet(&detail) }
    noteHalfClose(step, slot)
    report(step, slot, &observer)
    if segment.flags.isSYN { noteHandshake(step, from: sender, at: slot, &observer) }
    if step.before != step.after { noteUnowned(step, at: slot) }
    if step.before != step.after || step.after.holdsTimeWait || table.flow(at: slot).queue == .oneSided {
      requeue(slot, at: now)
    }
  }

  struct Step {
    var before: Standing
    var after: Standing
    var account: AccountKey
    /// The segment was its sender's again.
    var wasRetransmission = false
    /// It has the first payload that was seen of its sender.
    var isFirstData = false

    /// The first FIN or RST.
    var closes: Bool {
      @inline(__always) get { before.closedFirst == .none && after.closedFirst != .none }
    }
    /// An end is in another state.
    var moves: Bool {
      @inline(__always) get { before.clientPhase != after.clientPhase || before.serverPhase != after.serverPhase }
    }
    var ends: Bool {
      @inline(__always) get { before.closeKind == .none && after.closeKind != .none }
    }
  }

  mutating func report(_ step: Step, _ slot: Slot, _ observer: inout (some ConnectionObserver & ~Copyable)) {
    guard step.before != step.after else { return }
    if step.before.serverPhase == .listen, step.after.serverPhase != .listen { unansweredCount -= 1 }
    if step.account.isShared, step.after.answers(since: step.before) {
      observer.moved(ownAccount(step, slot, &observer), from: step.before, to: step.after)
    } else {
      observer.moved(step.account, from: step.before, to: step.after)
    }
    guard step.ends else { return }
    if step.after.closeKind == .expired, reportUnheard(step, slot, &observer) { return }
    reportEnd(of: slot, &observer)
  }

  @inline(never)
  mutating func reportEnd(of slot: Slot, _ observer: inout (some ConnectionObserver & ~Copyable)) {
    observer.ended(table.currentlyEnded(at: slot)) { table.currentView(at: slot) }
  }

  @inline(never)
  mutating func ownAccount(
    _ step: Step,
    _ slot: Slot,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) -> AccountKey {
    let (key, client) = (table.key(at: slot), table.updateHotLine(slot) { flow in flow.end(of: .client) })
    let account = observer.answered(
      step.account,
      client: key.endpoint(client),
      server: key.endpoint(client.other),
      step.before
    )
    table.update(slot) { $1.account = account }
    return account
  }

  /// - Returns: whether there is no more to report.
  private mutating func reportUnheard(
    _ step: Step,
    _ slot: Slot,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) -> Bool {
    let unheard: (serial: UInt64, isUnanswered: Bool)? = table.update(slot) { flow, detail, rare in
      guard !flow.traits.isAnswered, !detail.hasConversation, flow.hasSaidNothing(&detail, &rare) else { return nil }
      return (detail.serial, !flow.traits.evicted && !detail.isUnreachable)
    }
    guard let unheard else { return false }
    return observer.endedUnheard(step.account, serial: unheard.serial, isUnanswered: unheard.isUnanswered)
  }

  mutating func count(_ anomalyBits: UInt16) {
    guard anomalyBits != 0 else { return }
    for anomaly in Anomaly.allCases where anomalyBits & (1 << UInt16(anomaly.rawValue)) != 0 {
      anomalies[anomaly] += 1
    }
  }

  /// The same segment again on another interface. One that says something new there means that the first interface
  /// has fallen silent (or was late): then the other takes over.
  @inline(__always)
  mutating func isDuplicate(_ arrival: inout Arrival, _ slot: Slot) -> Bool {
    table.updateHotLine(slot) { flow in
      let owner = flow[interfaceOf: arrival.sender]
      guard owner != arrival.interface, owner != Flow.noInterface else { return false }
      return !flow[arrival.sender].learns(from: arrival.segment)
    }
  }

  mutating func opensAnother(_ segment: Segment, from sender: End, _ slot: Slot) -> Bool {
    guard segment.flags.isSYN else { return false }
    return table.update(slot) { flow, detail in flow.meaning(of: segment, from: sender, &detail) == .opensAnother }
  }
}

extension Tracker.Step {
  init(_ step: RegularStep, _ side: LocalSide, _ account: AccountKey) {
    self.init(before: step.before(side), after: step.after(side), account: account)
  }
}
