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
    case close(Close)
  }

  /// Nil for a segment that is in no course.
  @inline(__always)
  static func step(of segment: Segment, from sender: End, _ flow: Flow) -> Step? {
    let flags = segment.flags
    guard flags.isACK, !flags.isRST, segment.payloadLength == 0, segment.window != 0, segment.checksum != .bad else {
      return nil
    }
    if flags.isSYN { return flags.isFIN ? nil : .answer }
    if flags.isBareACK, !flow.first.marks.sentFIN, !flow.second.marks.sentFIN { return .acknowledgment }
    return Close(isFIN: flags.isFIN, .init(flow, from: sender)).map { .close($0) }
  }

  /// Whether `answer` is all that there is to it: the first segment of its sender, which acknowledges all of the peer's
  /// SYN.
  @inline(__always)
  func allowsAnswer(_ arrival: inout Arrival) -> Bool {
    own.progress == .silent(.listen) && own.packets == 0 && peer.progress == .open(.synSent)
      && arrival.segment.acknowledgment == peer.next && isPlain(&arrival) && role == .server && flow.isOpen
      && ownDetail.observed == .inactive && peerDetail.observed == .synSent && detail.hasRoomForLetters
  }

  /// What it waits for then is not noted.
  @inline(__always)
  func answer(_ arrival: inout Arrival, isControlOnly: Bool) {
    assert(allowsAnswer(&arrival))
    detail.add(.synAck, by: .server)
    let isSpareMarked = own.spareMark
    own = FlowEnd(answering: arrival.segment)
    own.spareMark = isSpareMarked
    peer.phase = .established
    (ownDetail.observed, peerDetail.observed) = (.established, .established)
    ownDetail.initialFlags = arrival.segment.flags.rawValue
    ownDetail.base = own.next
    ownDetail.noteOnce(.syn)
    flow.traits.isAnswered = true
    flow.settleWindowScales()
    finish(arrival.segment, arrival.interface)
    if isControlOnly { assumeHandshake() }
  }

  /// Takes the ACK that ends the handshake; false, and nothing is changed, where there is more to it.
  @inline(__always)
  func completeHandshake(_ arrival: inout Arrival) -> Bool {
    // (That it acknowledges one octet more than nothing would be noted.)
    guard awaits(.handshakeAcknowledgment), arrival.segment.acknowledgment != own.acknowledged &+ 1,
      let count = count(ofAwaited: &arrival)
    else { return false }
    detail.add(.ack, by: .client)
    ownDetail.noteOnce(.ack)
    own.take(count, arrival.segment.flags)
    own.acknowledged = arrival.segment.acknowledgment
    own.marks.hasAcknowledged = true
    own.window = arrival.segment.window
    peer.phase = .established
    flow.quiet = .established(sender)
    return true
  }

  /// (Zeek's states do not move by it: its sender has sent something.)
  ///
  /// - Returns: whether it ends the handshake; nil, and nothing is changed, where there is more to it.
  @inline(__always)
  func acknowledge(_ arrival: inout Arrival) -> Bool? {
    let peers = peer.progress
    guard own.progress == .open(.established),
      peers == .open(.established) || peers == .open(.synReceived) && role == .client && flow.isOpen,
      goesOn(&arrival), ownDetail.isHeard, noteAgain(.ack)
    else { return nil }
    own.countQuietly(arrival.segment.flags)
    _ = own.take(acknowledgment: arrival.segment.acknowledgment, &ownDetail)
    own.window = arrival.segment.window
    let moves = peers == .open(.synReceived) && !own.acknowledged.precedes(peerDetail.base)
    if moves { peer.phase = .established }
    finish(arrival.segment, arrival.interface)
    flow.noteQuiet(&detail)
    return moves
  }

  // MARK: Parts

  var role: Role {
    @inline(__always) get { flow.role(of: sender) }
  }

  /// Nothing is odd about the connection, nor about what the segment says of it.
  @inline(__always)
  func isPlain(_ arrival: inout Arrival) -> Bool {
    let owner = flow[interfaceOf: sender]
    return (owner == arrival.interface || owner == Flow.noInterface) && flow.traits.isPlain
      && !detail.hasUnansweredProbe && !ownDetail.isOlder(arrival.segment)
  }

  /// The same, and it stands where its sender left off, acknowledges nothing unseen, and is neither the first nor the
  /// last before the count begins anew.
  @inline(__always)
  func goesOn(_ arrival: inout Arrival) -> Bool {
    arrival.segment.sequence == own.next && !peer.next.precedes(arrival.segment.acknowledgment)
      && own.packets &- 1 < FlowEnd.packetMask &- 1 && !ownDetail.isNewestApart && isPlain(&arrival)
  }

  /// Notes a letter of the history that may be there; false, and nothing is changed, when there is no room for it.
  @inline(__always)
  func noteAgain(_ letter: History.Letter) -> Bool {
    ownDetail.once.contains(letter) || noteNew(letter)
  }

  /// Notes one that may not.
  @inline(__always)
  private func noteNew(_ letter: History.Letter) -> Bool {
    guard !ownDetail.once.contains(letter), detail.append(letter, by: role) else { return false }
    ownDetail.noteOnce(letter)
    return true
  }

  /// What is noted of each segment.
  @inline(__always)
  func finish(_ segment: Segment, _ interface: UInt8) {
    flow[interfaceOf: sender] = interface
    if segment.options.present.timestamps { flow.noteTimestamp(segment, from: sender, &ownDetail) }
  }
}
