internal import PacketDecoding

/// What the log of segments knows of connections.
extension Tracker {
  /// From now on segments that open, move or close connections are remembered, so many of them.
  package mutating func rememberSegments(limit: Int) { log = SegmentLog(limit: limit) }

  /// The segments of a connection, as far as they are remembered; nil where nothing is.
  package func sequence(of connection: ConnectionView) -> SegmentSequence? {
    guard log.isOn else { return nil }
    var sequence = SegmentSequence()
    guard !connection.flow.traits.fromKernel else {
      sequence.isComplete = true
      return sequence
    }
    sequence.segments = log.segments(of: connection.detail.serial)
    sequence.isComplete = log.reaches(back: connection.start) && SegmentLog.isAll(sequence.segments)
    if let syn = connection.openingSYN {
      sequence.beginsWithSYN = true
      if sequence.segments.first?.isOpeningSYN(at: syn.captured) != true { sequence.segments.insert(syn, at: 0) }
    }
    return sequence
  }

  /// Remembers a segment that did something, or was there to open or close.
  mutating func log(_ segment: Segment, from sender: End, at slot: Slot, _ step: Step, captured: Timestamp) {
    let (serial, role) = table.update(slot) { flow, detail in (detail.serial, flow.role(of: sender)) }
    log.add(
      LoggedSegment(
        serial: serial,
        flags: segment.flags,
        payloadLength: segment.payloadLength,
        from: role,
        before: step.before,
        after: step.after,
        isRetransmission: step.wasRetransmission,
        at: captured
      )
    )
  }
}

/// The segments of one connection that opened, moved or closed it.
package struct SegmentSequence: Sendable {
  /// Oldest first.
  package var segments: [LoggedSegment] = []
  /// None is missing, from the first that was seen on.
  package var isComplete = false
  /// The first is the SYN that opened it, which is never forgotten; others may be missing after it.
  package var beginsWithSYN = false
}

extension ConnectionView {
  /// The client's SYN, if that is the first segment: it came when the connection started.
  fileprivate var openingSYN: LoggedSegment? {
    let flags = initialFlags(of: .client)
    guard history.opensWithSYN, flags.isSYN, !flags.isACK else { return nil }
    func standing(_ phase: Phase) -> Standing {
      Standing(
        clientPhase: phase,
        serverPhase: .listen,
        closedFirst: .none,
        closeKind: .none,
        localSide: flow.localSide
      )
    }
    return LoggedSegment(
      serial: detail.serial,
      flags: flags,
      payloadLength: 0,
      from: .client,
      before: standing(.closed),
      after: standing(.synSent),
      at: start
    )
  }
}

extension LoggedSegment {
  fileprivate func isOpeningSYN(at start: Timestamp) -> Bool {
    sender == .client && flags.isSYN && !flags.isACK && captured == start
  }
}
