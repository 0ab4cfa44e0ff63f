package import PacketDecoding

/// All connections and what time does to them. Time is an argument: live capture, a file and a test are one path.
package struct Tracker: ~Copyable {
  package var settings: TrackerSettings
  package private(set) var anomalies = AnomalyCounts()
  /// Segments that were seen on another interface before, by the number of the one where they came again.
  package private(set) var duplicates = [Int](repeating: 0, count: Int(UInt8.max) + 1)
  package private(set) var evicted = 0
  /// Requests answered.
  package internal(set) var exchanges = 0
  package var table: FlowTable
  var queues = DeadlineQueues()
  var kernelTimers = DeadlineHeap()
  var heads = HeadsInProgress()
  /// Of the next new connection.
  package internal(set) var nextSerial: UInt64 = 1
  /// Local ends that went to FIN_WAIT_2: only the kernel knows which of them a process still holds.
  var halfClosed: [SocketName] = []
  /// Local ends whose owner is to be found out.
  var unowned: [UnownedEnd] = []
  /// Local ends of new connections that may be others', on a host that forwards.
  var unconfirmed: [UnconfirmedEnd] = []
  var custodies = Custodies()
  /// No deadline is due before this moment.
  var nextDeadline = Instant(nanoseconds: .max)

  package init(settings: TrackerSettings) {
    self.settings = settings
    table = FlowTable(capacity: settings.capacity)
  }

  package var halfOpenCount: Int { queues[.halfOpen].count }
  package var trackedCount: Int { table.count }

  // MARK: Segments

  /// Takes one segment.
  ///
  /// - Parameters:
  ///   - interface: the number of the interface it was seen on.
  ///   - now: engine time; deadlines up to it are met first.
  ///   - captured: what the packet itself says.
  ///   - payload: as much of the segment's payload as was captured and may be looked at.
  package mutating func receive(
    _ segment: Segment,
    payload: RawSpan = RawSpan(),
    interface: UInt8,
    at now: Instant,
    captured: Timestamp,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    var arrival = Arrival()
    arrival.segment = segment
    arrival.interface = interface
    arrival.now = now
    arrival.captured = captured
    recognize(&arrival)
    seek(&arrival)
    receive(&arrival, payload, observer: &observer)
  }

  /// Finds out what connection it would be of, and asks for the memory that a lookup begins with.
  @inline(__always)
  func recognize(_ arrival: inout Arrival) {
    arrival.sender = arrival.segment.source.orders(before: arrival.segment.destination) ? .first : .second
    arrival.tag = table.tag(of: arrival.segment)
    arrival.namespace = settings.namespace(ofInterface: arrival.interface)
    table.prefetchIndex(arrival.tag)
  }

  /// Finds where the connection probably is, and asks for its memory.
  @inline(__always)
  func seek(_ arrival: inout Arrival) {
    let segment = arrival.segment
    arrival.candidate = table.candidate(arrival.tag)
    if segment.flags.isControl {
      table.prefetchDetail(arrival.candidate)
    } else if segment.options.present.timestamps {
      table.prefetchTimestamps(arrival.candidate, of: arrival.sender)
    }
  }

  /// Takes a segment that was recognized and sought.
  @inline(__always)
  mutating func receive(
    _ arrival: inout Arrival,
    _ payload: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    if arrival.now >= nextDeadline { advance(to: arrival.now, observer: &observer) }
    if table.isCurrent(arrival.candidate, arrival.key), takeQuietly(&arrival) {
      if arrival.segment.payloadLength > 0 { hearQuietly(&arrival, payload, observer: &observer) }
      return
    }
    receiveNews(&arrival, payload, observer: &observer)
  }

  @inline(__always)
  private func takeQuietly(_ arrival: inout Arrival) -> Bool {
    table.update(arrival.candidate) { flow, detail in
      let isQuiet = flow.takeQuietly(arrival.segment, from: arrival.sender, interface: arrival.interface, &detail)
      guard isQuiet else { return false }
      flow.lastPacket = arrival.captured
      flow.lastSeen = arrival.now.milliseconds
      return true
    }
  }

  /// The payload of a segment that was taken quietly is all new.
  @inline(never)
  private mutating func hearQuietly(
    _ arrival: inout Arrival,
    _ payload: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    observer.note(arrival.now)
    converse(
      arrival.segment,
      payload,
      from: arrival.sender,
      at: arrival.candidate,
      StreamStep(of: arrival.segment),
      silence: .zero,
      closes: false,
      arrival.now,
      &observer
    )
  }

  /// A segment that may change more than counters.
  @inline(never)
  private mutating func receiveNews(
    _ arrival: inout Arrival,
    _ payload: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    observer.note(arrival.now)
    let (segment, sender, interface) = (arrival.segment, arrival.sender, arrival.interface)
    let (now, captured) = (arrival.now, arrival.captured)
    let isCurrent = table.isCurrent(arrival.candidate, arrival.key)
    guard let slot = isCurrent ? arrival.candidate : table.find(arrival.key, tag: arrival.tag) else {
      open(segment, payload, arrival.key, sender, interface, now, captured, &observer)
      return
    }
    if table.updateHotLine(slot, { flow in flow.traits.fromKernel }) {
      takeFirst(segment, payload, from: sender, at: slot, interface, now, captured, &observer)
      return
    }
    if isDuplicate(&arrival, slot) {
      duplicates[Int(interface)] += 1
      return
    }
    if opensAnother(segment, from: sender, slot) {
      retire(slot, as: .reused, observer: &observer)
      open(segment, payload, arrival.key, sender, interface, now, captured, &observer)
    } else {
      take(segment, payload, from: sender, at: slot, interface, now, captured, &observer)
    }
  }

  package mutating func noteTimeJump() { anomalies[.timeJump] += 1 }
  package mutating func noteICMPError() { anomalies[.icmpError] += 1 }

  // MARK: A segment of a known connection

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
    let step = table.update(slot) { flow, detail in
      let before = flow.standing
      let silence = flow.idle(at: now)
      var stream = StreamStep(before: flow[sender], detail[sender])
      let effect = flow.take(
        segment,
        from: sender,
        &detail,
        ignoresReset: protectsTimeWait && flow.isLocalTimeWait(sender.other)
      )
      stream.finish(flow[sender], detail[sender])
      detail.noteHandshake(before, flow.standing, at: captured)
      flow.armTimeWait(effect, from: sender, &detail, until: now + timeWait)
      flow.lastPacket = captured
      flow.lastSeen = now.milliseconds
      flow[interfaceOf: sender] = interface
      let after = flow.standing
      return Step(before: before, after: after, effect: effect, account: detail.account, stream, silence)
    }
    count(step.effect.anomalies)
    converse(
      segment,
      payload,
      from: sender,
      at: slot,
      step.stream,
      silence: step.silence,
      closes: step.closes,
      now,
      &observer
    )
    table.update(slot) { flow, detail in flow.noteQuiet(detail) }
    noteHalfClose(step, slot)
    report(step, slot, &observer)
    if step.before != step.after {
      noteUnowned(step, at: slot)
      requeue(slot, at: now)
    } else if step.after.holdsTimeWait {
      requeue(slot, at: now)
    }
  }

  struct Step {
    var before: Standing
    var after: Standing
    var effect: SegmentEffect
    var account: AccountKey
    var stream = StreamStep()
    var silence = Seconds.zero

    init(
      before: Standing,
      after: Standing,
      effect: SegmentEffect,
      account: AccountKey,
      _ stream: StreamStep = StreamStep(),
      _ silence: Seconds = .zero
    ) {
      self.before = before
      self.after = after
      self.effect = effect
      self.account = account
      self.stream = stream
      self.silence = silence
    }

    /// The first FIN or RST.
    var closes: Bool { before.closedFirst == .none && after.closedFirst != .none }
    var ends: Bool { before.closeKind == .none && after.closeKind != .none }
  }

  func report(_ step: Step, _ slot: Slot, _ observer: inout (some ConnectionObserver & ~Copyable)) {
    guard step.before != step.after else { return }
    observer.moved(step.account, from: step.before, to: step.after)
    if step.ends { observer.ended(table.view(at: slot)) }
  }

  private mutating func count(_ anomalyBits: UInt16) {
    guard anomalyBits != 0 else { return }
    for anomaly in Anomaly.allCases where anomalyBits & (1 << UInt16(anomaly.rawValue)) != 0 {
      anomalies[anomaly] += 1
    }
  }

  /// The same segment again on another interface. One that says something new there means that the first interface
  /// has fallen silent (or was late): then the other takes over.
  @inline(__always)
  private func isDuplicate(_ arrival: inout Arrival, _ slot: Slot) -> Bool {
    table.updateHotLine(slot) { flow in
      let owner = flow[interfaceOf: arrival.sender]
      guard owner != arrival.interface, owner != Flow.noInterface else { return false }
      return !flow[arrival.sender].learns(from: arrival.segment)
    }
  }

  private func opensAnother(_ segment: Segment, from sender: End, _ slot: Slot) -> Bool {
    guard segment.flags.isSYN else { return false }
    return table.update(slot) { flow, detail in flow.meaning(of: segment, from: sender, detail) == .opensAnother }
  }

  // MARK: A new connection

  mutating func open(
    _ segment: Segment,
    _ payload: RawSpan,
    _ key: FlowKey,
    _ sender: End,
    _ interface: UInt8,
    _ now: Instant,
    _ captured: Timestamp,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    makeRoom(forHandshake: segment.flags.isSYN, observer: &observer)
    var flow = Flow(key, at: now, captured: captured)
    var detail = FlowDetail(key: key, serial: nextSerial, start: captured)
    let (roles, side, forwards) = settings.withHost(key.namespace) { host in
      let roles = Roles(of: segment, from: sender, host)
      let (client, server) = (key.endpoint(roles.client), key.endpoint(roles.client.other))
      return (roles, host.localAddresses.side(client: client, server: server), host.forwards)
    }
    flow.traits.clientIsSecond = roles.client == .second
    flow.traits.rolesObserved = roles.areObserved
    flow.localSide = side
    if roles.client != sender { detail.history.append(.rolesFlipped, by: .server) }
    if !segment.opensConnection { flow.pickUp() }
    let before = flow.standing
    var stream = StreamStep(before: flow[sender], detail[sender])
    let effect = flow.take(segment, from: sender, &detail)
    stream.finish(flow[sender], detail[sender])
    flow[interfaceOf: sender] = interface
    flow.armTimeWait(effect, from: sender, &detail, until: now + settings.timeWait)
    guard let slot = table.insert(key, flow, detail) else { return }
    nextSerial += 1
    count(effect.anomalies)
    let account = observer.opened(ConnectionView(flow: flow, detail: detail))
    table.update(slot) { $1.account = account }
    noteUnowned(at: slot)
    let step = Step(before: before, after: flow.standing, effect: effect, account: account, stream)
    converse(segment, payload, from: sender, at: slot, stream, silence: .zero, closes: step.closes, now, &observer)
    table.update(slot) { flow, detail in flow.noteQuiet(detail) }
    if step.ends { observer.ended(table.view(at: slot)) }
    enqueue(slot, at: now)
    if forwards { noteUnconfirmed(slot, at: now, observer: &observer) }
  }

  /// Sheds what matters least: connections that ended, then the oldest handshakes, then TIME_WAIT, then the oldest.
  mutating func makeRoom(forHandshake: Bool, observer: inout (some ConnectionObserver & ~Copyable)) {
    if forHandshake, queues[.halfOpen].count >= settings.halfOpenCapacity {
      evict(queues[.halfOpen].head, observer: &observer)
    }
    guard table.count >= table.capacity else { return }
    for kind in [DeadlineQueue.Kind.ended, .halfOpen, .timeWait, .unansweredFIN, .orphan, .idleTransit, .open]
    where queues[kind].head != .none {
      evict(queues[kind].head, observer: &observer)
      return
    }
  }

  private mutating func evict(_ slot: Slot, observer: inout (some ConnectionObserver & ~Copyable)) {
    table.update(slot) { flow, _ in if flow.closeKind == .none { flow.traits.evicted = true } }
    evicted += 1
    retire(slot, as: .expired, observer: &observer)
  }

  /// Takes a connection out; if it had no end yet, `kind` is its end.
  mutating func retire(_ slot: Slot, as kind: CloseKind, observer: inout (some ConnectionObserver & ~Copyable)) {
    if kind == .reused, table.flow(at: slot).closeKind == .none { anomalies[.reusedWhileOpen] += 1 }
    let step = table.update(slot) { flow, detail in
      let before = flow.standing
      if flow.closeKind == .none { flow.closeKind = kind }
      flow.first.phase = .closed
      flow.second.phase = .closed
      return Step(before: before, after: flow.standing, effect: SegmentEffect(), account: detail.account)
    }
    report(step, slot, &observer)
    observer.left(table.view(at: slot))
    queues[table.flow(at: slot).queue].remove(slot, table)
    heads.forget(slot)
    table.remove(slot)
  }

  // MARK: Deadlines

  /// Meets all deadlines up to `now`.
  package mutating func advance(to now: Instant, observer: inout (some ConnectionObserver & ~Copyable)) {
    observer.note(now)
    meetKernelTimers(at: now, observer: &observer)
    for kind in DeadlineQueue.Kind.withDeadline {
      while queues[kind].head != .none {
        let slot = queues[kind].head
        guard table.detail(at: slot).deadline <= now else { break }
        meetDeadline(of: slot, kind, at: now, observer: &observer)
      }
    }
    nextDeadline = earliestDeadline()
  }

  private func earliestDeadline() -> Instant {
    var earliest = kernelTimers.earliest ?? Instant(nanoseconds: .max)
    for kind in DeadlineQueue.Kind.withDeadline
    where queues[kind].head != .none {
      earliest = min(earliest, table.detail(at: queues[kind].head).deadline)
    }
    return earliest
  }

  mutating func meetDeadline(
    of slot: Slot,
    _ kind: DeadlineQueue.Kind,
    at now: Instant,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    switch kind {
    case .timeWait:
      leaveTimeWait(slot, at: now, observer: &observer)
    case .orphan:
      vanish(slot, table.flow(at: slot).halfClosedEnd, at: now, observer: &observer)
    case .unansweredFIN, .idleTransit:
      let idle = table.flow(at: slot).idle(at: now)
      let limit = kind == .idleTransit ? settings.idleTransit ?? settings.unansweredFIN : settings.unansweredFIN
      if idle >= limit {
        retire(slot, as: .expired, observer: &observer)
      } else {
        queues[kind].remove(slot, table)
        let deadline = Instant(nanoseconds: now.nanoseconds &+ limit.nanoseconds &- idle.nanoseconds)
        table.update(slot) { $1.deadline = deadline }
        queues[kind].add(slot, table)
      }
    case .halfOpen, .ended, .open, .free:
      retire(slot, as: .expired, observer: &observer)
    }
  }

  /// Ends the TIME_WAITs that are through; the other end's may last a moment longer.
  private mutating func leaveTimeWait(
    _ slot: Slot,
    at now: Instant,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let wheel = settings.timerWheel
    let step = table.update(slot) { flow, detail in
      let before = flow.standing
      for end in [End.first, .second] where flow[end].phase == .timeWait {
        let expiry = detail[end].timeWaitEnd
        if wheel?.firstTick(after: expiry) ?? expiry <= now { flow[end].phase = .closed }
      }
      return Step(before: before, after: flow.standing, effect: SegmentEffect(), account: detail.account)
    }
    guard step.after.holdsTimeWait else {
      report(step, slot, &observer)
      retire(slot, as: .expired, observer: &observer)
      return
    }
    report(step, slot, &observer)
    queues[.timeWait].remove(slot, table)
    table.update(slot) { flow, detail in detail.deadline = flow.earliestTimeWaitEnd(detail, settings.timerWheel) }
    queues[.timeWait].add(slot, table)
    noteKernelTimer(of: slot)
  }

  mutating func requeue(_ slot: Slot, at now: Instant) {
    let idlesOut = settings.idleTransit != nil
    let (old, new) = table.updateHotLine(slot) { flow in (flow.queue, flow.queueForPhases(idlesOut)) }
    guard old != new || new == .timeWait || new == .orphan else { return }
    queues[old].remove(slot, table)
    enqueue(slot, in: new, at: now)
  }

  mutating func enqueue(_ slot: Slot, at now: Instant) {
    let idlesOut = settings.idleTransit != nil
    let kind = table.updateHotLine(slot) { flow in flow.queueForPhases(idlesOut) }
    enqueue(slot, in: kind, at: now)
  }

  private mutating func enqueue(_ slot: Slot, in kind: DeadlineQueue.Kind, at now: Instant) {
    let due = span(of: kind).map { now + $0 } ?? Instant(nanoseconds: .max)
    let wheel = settings.timerWheel
    let deadline = table.update(slot) { flow, detail in
      flow.queue = kind
      detail.deadline =
        switch kind {
        case .timeWait: flow.earliestTimeWaitEnd(detail, wheel)
        case .orphan: detail[flow.halfClosedEnd].timeWaitEnd
        default: due
        }
      return detail.deadline
    }
    queues[kind].add(slot, table)
    nextDeadline = min(nextDeadline, deadline)
  }

  private func span(of kind: DeadlineQueue.Kind) -> Seconds? {
    switch kind {
    case .halfOpen: settings.halfOpen
    case .unansweredFIN: settings.unansweredFIN
    case .timeWait: settings.timeWait
    case .ended: settings.ended
    case .idleTransit: settings.idleTransit
    case .orphan, .open, .free: nil
    }
  }
}
