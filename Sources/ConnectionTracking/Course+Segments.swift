internal import PacketDecoding

/// The course that nearly all connections take: SYN, SYN-ACK, ACK, and at the end FINs in order and the ACKs of them.
///
/// The same as `Flow.take`, for segments of which a few comparisons tell that nothing is odd about them: most of what
/// `take` asks need not be asked then. Where one declines, nothing was changed.
extension Course {
  /// Where in its course a connection is with a segment.
  enum Step {
    /// The SYN-ACK.
    case answer
    /// An ACK, while neither end has sent a FIN.
    case acknowledgment
    /// A FIN, or an ACK after one.
    case close
  }

  /// Nil for a segment that is in no course.
  @inline(__always)
  static func step(of segment: Segment, _ flow: Flow) -> Step? {
    let flags = segment.flags
    guard flags.isACK, !flags.isRST, segment.payloadLength == 0, segment.window != 0, segment.checksum != .bad else {
      return nil
    }
    if flags.isSYN { return flags.isFIN ? nil : .answer }
    return flags.isBareACK && !flow.first.marks.sentFIN && !flow.second.marks.sentFIN ? .acknowledgment : .close
  }

  /// The first segment of its sender, which acknowledges all of the peer's SYN.
  @inline(__always)
  func answer(_ arrival: inout Arrival, isControlOnly: Bool) -> Bool {
    guard isPlain(arrival.segment, arrival.interface), own.phase == .listen, own.packets == 0, !own.marks.hasNext,
      peer.phase == .synSent, arrival.segment.acknowledgment == peer.next, role == .server,
      ownDetail.observed == .inactive, peerDetail.observed == .synSent, detail.append(.synAck, by: .server)
    else { return false }
    (own.phase, peer.phase) = (.synReceived, .established)
    (ownDetail.observed, peerDetail.observed) = (.established, .established)
    ownDetail.initialFlags = arrival.segment.flags.rawValue
    _ = own.countPacket()
    _ = ownDetail.once.insert(.syn)
    flow.traits.isAnswered = true
    own.start(at: arrival.segment.sequence &+ 1, &ownDetail)
    own.offer(arrival.segment)
    flow.settleWindowScales()
    own.acknowledged = arrival.segment.acknowledgment
    own.marks.hasAcknowledged = true
    finish(arrival.segment, arrival.interface)
    if isControlOnly { flow.assumeAcknowledgments() }
    return true
  }

  /// (Zeek's states do not move by it: its sender has sent something.)
  @inline(__always)
  func acknowledge(_ arrival: inout Arrival) -> Bool {
    guard isPlain(arrival.segment, arrival.interface), goesOn(arrival.segment), noteAgain(.ack) else { return false }
    own.countQuietly(arrival.segment.flags)
    _ = own.take(acknowledgment: arrival.segment.acknowledgment, &ownDetail)
    own.window = arrival.segment.window
    if peer.phase == .synReceived, !own.acknowledged.precedes(peerDetail.base) { peer.phase = .established }
    finish(arrival.segment, arrival.interface)
    return true
  }

  // MARK: Parts

  var role: Role {
    @inline(__always) get { flow.role(of: sender) }
  }

  /// Nothing is odd about the connection, nor about what the segment says of it.
  @inline(__always)
  func isPlain(_ segment: Segment, _ interface: UInt8) -> Bool {
    let owner = flow[interfaceOf: sender]
    return (owner == interface || owner == Flow.noInterface) && own.packets != FlowEnd.packetMask
      && flow.traits.isPlain && !FlowEnd.Marks.areMissingSome(own.marks, peer.marks) && peer.phase != .timeWait
      && peer.marks.hasNext && !peer.next.precedes(segment.acknowledgment) && !detail.hasUnansweredProbe
      && !ownDetail.isOlder(segment)
  }

  /// It stands where its sender left off.
  @inline(__always)
  func goesOn(_ segment: Segment) -> Bool {
    own.marks.hasNext && segment.sequence == own.next && own.phase != .synSent && own.packets != 0
      && !ownDetail.isNewestApart && ownDetail.observed != .inactive && !ownDetail.observed.isReset
  }

  /// Notes a letter of the history that may be there; false, and nothing is changed, when there is no room for it.
  @inline(__always)
  func noteAgain(_ letter: History.Letter) -> Bool {
    ownDetail.once.contains(letter) || noteNew(letter)
  }

  /// Notes one that may not.
  @inline(__always)
  func noteNew(_ letter: History.Letter) -> Bool {
    guard !ownDetail.once.contains(letter), detail.append(letter, by: role) else { return false }
    _ = ownDetail.once.insert(letter)
    return true
  }

  /// What is noted of each segment.
  @inline(__always)
  func finish(_ segment: Segment, _ interface: UInt8) {
    flow[interfaceOf: sender] = interface
    if segment.options.present.timestamps { flow.noteTimestamp(segment, from: sender, &ownDetail) }
  }
}
