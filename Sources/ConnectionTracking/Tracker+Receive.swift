package import PacketDecoding

/// A segment on its way to its connection.
extension Tracker {
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
    arrival.now = now
    arrival.captured = captured
    arrival.note(interface, in: settings.namespace(ofInterface: interface))
    recognize(&arrival)
    table.forgetNews()
    seek(&arrival)
    prepare(&arrival)
    arrival.notePayload(payload.byteCount)
    receive(&arrival, payload, observer: &observer)
  }

  /// Finds out what connection it would be of, and asks for the memory that looking for it begins with.
  @inline(__always)
  mutating func recognize(_ arrival: inout Arrival) {
    if arrival.isWide { recognizeWide(&arrival) } else { recognizeNarrow(&arrival) }
    table.prefetchIndex(arrival.tag, table.places)
  }

  /// Of one that is not wide; for its memory the caller asks.
  @inline(__always)
  mutating func recognizeNarrow(_ arrival: inout Arrival) {
    arrival.tag = table.tag(narrow: arrival.words, arrival.ports)
  }

  @inline(never)
  private mutating func recognizeWide(_ arrival: inout Arrival) {
    arrival.tag = table.tag(of: arrival.key)
  }

  /// Finds where the connection probably is, and asks for its hot line.
  @inline(__always)
  mutating func seek(_ arrival: inout Arrival) {
    arrival.candidate = table.candidate(arrival.tag)
  }

  /// Asks for what the segment needs beside the hot line, as that tells.
  @inline(__always)
  mutating func prepare(_ arrival: inout Arrival) {
    guard arrival.candidate.rawValue < table.slotLimit else {
      arrival.mayGoOn = false
      return
    }
    table.prefetch(&arrival, table.lastSlot)
  }

  /// Takes a segment that was recognized and sought.
  ///
  /// - Parameter octets: those among which its payload lies.
  @inline(__always)
  mutating func receive(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    if arrival.now >= nextDeadline { advance(to: arrival.now, observer: &observer) }
    let isControlOnly = settings.isControlOnly(arrival.captured)
    let foreseen = table.updateCurrent(&arrival) { arrival, flow, _ in
      isControlOnly ? .otherByFirst : ForeseenStep(&arrival, from: arrival.sender, &flow)
    }
    guard let foreseen else { return receiveAstray(&arrival, octets, observer: &observer) }
    switch foreseen {
    case .otherByFirst, .otherBySecond, .spareByFirst, .spareBySecond:
      receiveUsual(&arrival, octets, observer: &observer)
    case .firstFINByFirst: takeFirstFIN(byFirst: &arrival, octets, observer: &observer)
    case .firstFINBySecond: takeFirstFIN(bySecond: &arrival, octets, observer: &observer)
    case .answerByFirst: takeAnswer(byFirst: &arrival, octets, observer: &observer)
    case .answerBySecond: takeAnswer(bySecond: &arrival, octets, observer: &observer)
    case .acknowledgmentByFirst: takeAcknowledgment(byFirst: &arrival, octets, observer: &observer)
    case .acknowledgmentBySecond: takeAcknowledgment(bySecond: &arrival, octets, observer: &observer)
    case .firstAcknowledgmentByFirst: takeFirstAcknowledgment(byFirst: &arrival, octets, observer: &observer)
    case .firstAcknowledgmentBySecond: takeFirstAcknowledgment(bySecond: &arrival, octets, observer: &observer)
    case .secondFINByFirst: takeSecondFIN(byFirst: &arrival, octets, observer: &observer)
    case .secondFINBySecond: takeSecondFIN(bySecond: &arrival, octets, observer: &observer)
    case .lastAcknowledgmentByFirst: takeLastAcknowledgment(byFirst: &arrival, octets, observer: &observer)
    case .lastAcknowledgmentBySecond: takeLastAcknowledgment(bySecond: &arrival, octets, observer: &observer)
    }
  }

  /// Takes a segment of its candidate that is foreseen to be no step: as a rule, one that does no more than go on.
  @inline(__always)
  private mutating func receiveUsual(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let isControlOnly = settings.isControlOnly(arrival.captured)
    let isQuiet = table.update(arrival.candidate) { flow, detail in
      !isControlOnly && flow.takeQuietly(&arrival, &detail)
    }
    guard isQuiet else { return receiveOther(&arrival, octets, observer: &observer) }
    if arrival.segment.payloadLength > 0 { hearQuietly(&arrival, octets, observer: &observer) }
  }

  /// Takes a segment that did not find its connection where it was sought: if there is one, it came with the segments
  /// just before, or another had its place.
  @inline(never)
  private mutating func receiveAstray(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard arrival.candidate != .none || table.mayBeNews(arrival.tag) else {
      return openPlainly(&arrival, octets, observer: &observer)
    }
    receiveLookedFor(&arrival, octets, observer: &observer)
  }

  @inline(never)
  private mutating func receiveLookedFor(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    arrival.candidate = table.findWhole(arrival.key, tag: arrival.tag) ?? .none
    if takeQuietly(&arrival) == true {
      if arrival.segment.payloadLength > 0 { hearQuietly(&arrival, octets, observer: &observer) }
      return
    }
    receiveOther(&arrival, octets, observer: &observer)
  }

  /// Takes a segment that is not taken quietly. Whatever it is handed to hands on what there is more to.
  @inline(never)
  mutating func receiveOther(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    if arrival.candidate == .none {
      openPlainly(&arrival, octets, observer: &observer)
    } else if table.isRequest(arrival.candidate) {
      receiveSecond(&arrival, octets, observer: &observer)
    } else if settings.isControlOnly(arrival.captured), !arrival.segment.flags.isSYN {
      // What goes unseen there is part of every course but that of a handshake.
      takeControlOnly(&arrival, octets, observer: &observer)
    } else {
      takeInCourse(&arrival, octets, observer: &observer)
    }
  }

  /// Takes the second segment of a connection.
  @inline(never)
  private mutating func receiveSecond(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    table.makeWhole(arrival.candidate)
    receiveOther(&arrival, octets, observer: &observer)
  }

  /// Nil when the candidate is not the connection of the segment.
  // Mutating, as all that is asked for each segment: for what is not, a tracker that is being changed is copied.
  @inline(__always)
  private mutating func takeQuietly(_ arrival: inout Arrival) -> Bool? {
    let isControlOnly = settings.isControlOnly(arrival.captured)
    return table.updateCurrent(&arrival) { arrival, flow, detail in
      !isControlOnly && flow.takeQuietly(&arrival, &detail)
    }
  }

  /// The payload of a segment that was taken quietly is all new.
  @inline(__always)
  private mutating func hearQuietly(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    if log.isOn { logFirstData(&arrival) }
    if table.isOpaque(arrival.candidate) {
      hearTurn(&arrival, octets, observer: &observer)
    } else {
      read(&arrival, octets, observer: &observer)
    }
  }

  /// The same where it is not read.
  @inline(never)
  private mutating func hearTurn(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let (slot, sender, now) = (arrival.candidate, arrival.sender, arrival.now)
    let answers = table.updateTurns(slot) { flow, turns in
      defer { flow.turnsSuffice = turns.suffice }
      return turns.takeUnread(flow.role(of: sender), at: now)
    }
    guard let answers else { return read(&arrival, octets, observer: &observer) }
    guard answers.before != answers.after else { return }
    observer.note(now)
    noteExchanges(before: answers.before, after: answers.after, slot, &observer)
  }

  /// The same, where there may be more to it than one turn among others. What `converse` does, where nothing is
  /// missing, late, probing or closing.
  @inline(never)
  private mutating func read(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let (slot, sender, now) = (arrival.candidate, arrival.sender, arrival.now)
    let payload = octets.extracting(arrival.payload)
    guard payload.byteCount > 0 else { return readUncaptured(&arrival, observer: &observer) }
    if heads.remembers {
      let segment = (arrival.segment.sequence, arrival.segment.payloadLength)
      let answers: (before: UInt32, after: UInt32)? = table.hear(slot, sender) { role, turns, speakers in
        let before = turns.answers
        guard turns.takePlain(role, payload, segment, at: now, &speakers, heads.memory) else { return nil }
        return (before, turns.answers)
      }
      if let answers { return note(answers, slot, at: now, &observer) }
    }
    readOn(&arrival, payload, observer: &observer)
  }

  /// The same of any message.
  @inline(never)
  private mutating func readOn(
    _ arrival: inout Arrival,
    _ payload: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let (slot, sender, now) = (arrival.candidate, arrival.sender, arrival.now)
    let answers = table.hear(slot, sender) { talk in
      let before = talk.turns.exchanges ?? 0
      talk.takeInOrder(payload, Utterance(quiet: arrival.segment, at: now), &heads)
      return (before: before, after: talk.turns.exchanges ?? 0)
    }
    note(answers, slot, at: now, &observer)
  }

  @inline(__always)
  private mutating func note(
    _ answers: (before: UInt32, after: UInt32),
    _ slot: Slot,
    at now: Instant,
    _ observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    guard answers.before != answers.after else { return }
    if answers.before < 2, answers.after >= 2 { observer.note(now) }
    noteExchanges(before: answers.before, after: answers.after, slot, &observer)
  }

  @inline(never)
  private mutating func readUncaptured(
    _ arrival: inout Arrival,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    let (slot, sender, now) = (arrival.candidate, arrival.sender, arrival.now)
    if table.beginUnread(slot, from: sender, at: now) { return }
    observer.note(now)
    let answers = table.converse(slot, sender) { _, _, talk in
      let before = talk.turns.exchanges ?? 0
      talk.take(RawSpan(), from: 0, Utterance(quiet: arrival.segment, at: now), &heads)
      return (before: before, after: talk.turns.exchanges ?? 0)
    }
    noteExchanges(before: answers.before, after: answers.after, slot, &observer)
  }

  /// The first octet of payload of an end; what was taken quietly is no retransmission.
  @inline(never)
  private mutating func logFirstData(_ arrival: inout Arrival) {
    let (slot, sender, sequence) = (arrival.candidate, arrival.sender, arrival.segment.sequence)
    let first: Step? = table.update(slot) { flow, detail in
      guard sequence == detail[sender].base else { return nil }
      return Step(before: flow.standing, after: flow.standing, account: detail.account)
    }
    if let first { log(arrival.segment, from: sender, at: slot, first, captured: arrival.captured) }
  }

  /// A segment that may change more than counters.
  @inline(never)
  mutating func receiveNews(
    _ arrival: inout Arrival,
    _ octets: RawSpan,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) {
    observer.note(arrival.now)
    let (segment, sender, interface) = (arrival.segment, arrival.sender, arrival.interface)
    let (now, captured) = (arrival.now, arrival.captured)
    let payload = octets.extracting(arrival.payload)
    let slot = arrival.candidate
    guard slot != .none else {
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
}
