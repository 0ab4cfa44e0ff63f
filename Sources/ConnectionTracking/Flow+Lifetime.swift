internal import PacketDecoding

extension Flow {
  @inline(__always)
  init(_ key: FlowKey, at now: Instant, captured: Timestamp) {
    firstWord = UInt32(truncatingIfNeeded: key.first.address.low)
    secondWord = UInt32(truncatingIfNeeded: key.second.address.low)
    firstPort = key.first.port
    secondPort = key.second.port
    firstInterface = Self.noInterface
    secondInterface = Self.noInterface
    lastPacket = captured
    lastSeen = now.milliseconds
    traits.isWide = key.isWide
  }

  @inline(__always)
  init(_ words: UInt64, _ ports: UInt32, _ beginning: Beginning) {
    firstWord = UInt32(truncatingIfNeeded: words)
    secondWord = UInt32(truncatingIfNeeded: words >> 32)
    firstPort = UInt16(truncatingIfNeeded: ports)
    secondPort = UInt16(truncatingIfNeeded: ports >> 16)
    firstInterface = Self.noInterface
    secondInterface = Self.noInterface
    lastPacket = beginning.captured
    lastSeen = beginning.now.milliseconds
  }

  /// Picked up while it was running: both ends are taken for established until they show otherwise.
  mutating func pickUp() {
    first.phase = .established
    second.phase = .established
    traits.isAnswered = true
    queue = .oneSided
  }

  func idle(at now: Instant) -> Seconds {
    Seconds(nanoseconds: Int64(now.milliseconds &- lastSeen) * 1_000_000)
  }

  /// No octet of payload, and no FIN, as far as sequence numbers tell.
  func hasSaidNothing(_ detail: inout FlowDetail, _ rare: inout FlowRarities) -> Bool {
    hasSaidNothing(.first, &detail, &rare) && hasSaidNothing(.second, &detail, &rare)
  }

  @inline(__always)
  private func hasSaidNothing(_ end: End, _ detail: inout FlowDetail, _ rare: inout FlowRarities) -> Bool {
    !self[end].marks.hasNext || self[end].next == detail[end].base && rare.oddities[end].sequenceWraps == 0
  }

  /// The end in FIN_WAIT_2; there is at most one.
  @inline(__always)
  var halfClosedEnd: End { first.phase == .finWait2 ? .first : .second }

  // MARK: Queues

  var isUnanswered: Bool { serverPhase == .listen }

  /// Which deadline the two states call for.
  @inline(__always)
  func queueForPhases(_ idlesOut: Bool) -> DeadlineQueue.Kind {
    let phases = first.phase.bit | second.phase.bit
    if phases & Phase.timeWait.bit != 0 { return .timeWait }
    if phases == Phase.closed.bit { return .ended }
    if phases & (Phase.finWait1.bit | Phase.closing.bit | Phase.lastAck.bit) != 0 { return .unansweredFIN }
    if phases & (Phase.listen.bit | Phase.synSent.bit | Phase.synReceived.bit) != 0 {
      return queue == .answered ? .answered : .halfOpen
    }
    if traits.isOrphan, phases & Phase.finWait2.bit != 0 { return .orphan }
    if queue == .oneSided, first.packets == 0 || second.packets == 0 { return .oneSided }
    return idlesOut && localSide == .transit ? .idleTransit : .open
  }
}

extension Phase {
  /// A bit for each, to ask for several of two ends at once.
  @inline(__always)
  fileprivate var bit: UInt16 { 1 &<< UInt16(unsafe unsafeBitCast(self, to: UInt8.self)) }
}

extension Standing {
  @inline(__always)
  var holdsTimeWait: Bool { clientPhase == .timeWait || serverPhase == .timeWait }
}

extension FlowEnd {
  /// Whether a segment of this end says something that was not known: it goes on in sequence, acknowledges more, or
  /// begins or ends the stream.
  func learns(from segment: Segment) -> Bool {
    if segment.flags.isRST { return !marks.sentRST }
    if segment.flags.isSYN { return !marks.sentSYN || next.precedes(segment.sequenceEnd) }
    if !marks.hasNext || next.precedes(segment.sequenceEnd) { return true }
    return segment.flags.isACK && (!marks.hasAcknowledged || acknowledged.precedes(segment.acknowledgment))
  }
}

extension Instant {
  /// Modulo 2^32.
  @inline(__always)
  var milliseconds: UInt32 { UInt32(truncatingIfNeeded: nanoseconds / 1_000_000) }
}
