internal import PacketDecoding

/// A SYN that nobody has answered (the kernel's `request_sock`): in a flood there are very many. Its hot line and its stay
/// are all that is kept of the connection; a second segment makes it whole. What its detail will say stands where the
/// silent end, of which nothing is known, will have its numbers, its tag in the index where the other end will have what
/// it acknowledged, and its serial number where the stay will say when it began, which for one segment is when the last one
/// came.
extension Flow {
  /// Nothing but its SYN has come, and its detail is not written.
  var isRequest: Bool {
    @inline(__always) get { queue == .request }
  }

  /// Writes that of a SYN for which `mayOpenPlainly` holds, in place: for a value, both ends would be made for both places
  /// first.
  @unsafe
  @inline(__always)
  static func beginRequest(
    at flow: UnsafeMutablePointer<Flow>,
    _ arrival: inout Arrival,
    _ side: LocalSide,
    _ account: AccountKey,
    isPartial: Bool
  ) {
    let sender = arrival.sender
    let traits = Traits(isWide: arrival.isWide, clientIsSecond: sender == .second)
    unsafe place(of: sender, in: flow).pointee = FlowEnd(opening: &arrival)
    let facts = RequestFacts(of: &arrival, isPartial: isPartial)
    unsafe place(of: sender.other, in: flow).pointee = FlowEnd(facts, account)
    unsafe flow.pointee.beginRequest(&arrival, sender, side, traits)
  }

  /// All but the ends.
  @inline(__always)
  private mutating func beginRequest(
    _ arrival: inout Arrival,
    _ sender: End,
    _ side: LocalSide,
    _ newTraits: Traits
  ) {
    let (words, ports, interface) = (arrival.words, arrival.ports, arrival.interface)
    (firstWord, secondWord) = (UInt32(truncatingIfNeeded: words), UInt32(truncatingIfNeeded: words >> 32))
    (firstPort, secondPort) = (UInt16(truncatingIfNeeded: ports), UInt16(truncatingIfNeeded: ports >> 16))
    (traits, localSide) = (newTraits, side)
    firstInterface = sender == .first ? interface : Self.noInterface
    secondInterface = sender == .second ? interface : Self.noInterface
    lastPacket = arrival.captured
    lastSeen = arrival.now.milliseconds
    (closedFirst, closeKind, queue, quiet) = (.none, .none, .request, QuietMarks())
  }

  /// Where a request stands in the index: it leaves in a flood as fast as others come, and to hash its key anew, when it
  /// is asked for and when it goes, would cost more.
  var requestTag: UInt32 {
    @inline(__always) get { traits.clientIsSecond ? second.requestTag : first.requestTag }
  }

  /// That of a request.
  var requestAccount: AccountKey {
    @inline(__always) get { traits.clientIsSecond ? first.requestAccount : second.requestAccount }
    @inline(__always) set {
      if traits.clientIsSecond { first.requestAccount = newValue } else { second.requestAccount = newValue }
    }
  }

  mutating func notePartialRequest() {
    if traits.clientIsSecond { first.notePartialRequest() } else { second.notePartialRequest() }
  }

  /// Makes it a connection like others.
  @inline(__always)
  mutating func makeWhole(_ detail: inout FlowDetail, serial: UInt64) {
    let (facts, account): (RequestFacts, AccountKey)
    if traits.clientIsSecond {
      (facts, account) = (first.requestFacts, first.requestAccount)
      first = FlowEnd(.listen)
      second.forgetRequestTag()
      detail = FlowDetail(serial: serial, [FlowEndDetail(), FlowEndDetail(opening: second.next, facts, .synSent)])
    } else {
      (facts, account) = (second.requestFacts, second.requestAccount)
      second = FlowEnd(.listen)
      first.forgetRequestTag()
      detail = FlowDetail(serial: serial, [FlowEndDetail(opening: first.next, facts, .synSent), FlowEndDetail()])
    }
    detail.account = account
    detail.isPartial = facts.isPartial
    queue = .halfOpen
  }

  /// The same as its answer comes: what `Course.answer` would make of it then, in place, for each part to be written once.
  ///
  /// - Parameter server: whose answer it is, which acknowledges the SYN.
  @inline(__always)
  mutating func makeWhole(_ detail: inout FlowDetail, serial: UInt64, answeredBy server: End, _ arrival: inout Arrival)
  {
    let answer = FlowEndDetail(answering: arrival.segment)
    let (facts, account): (RequestFacts, AccountKey)
    if server == .first {
      (facts, account) = (first.requestFacts, first.requestAccount)
      first = FlowEnd(answering: arrival.segment)
      second.forgetRequestTag()
      second.phase = .established
      detail = FlowDetail(serial: serial, [answer, FlowEndDetail(opening: second.next, facts, .established)])
    } else {
      (facts, account) = (second.requestFacts, second.requestAccount)
      second = FlowEnd(answering: arrival.segment)
      first.forgetRequestTag()
      first.phase = .established
      detail = FlowDetail(serial: serial, [FlowEndDetail(opening: first.next, facts, .established), answer])
    }
    detail.add(.synAck, by: .server)
    detail.account = account
    detail.isPartial = facts.isPartial
    queue = .halfOpen
    traits.isAnswered = true
    settleWindowScales()
    self[interfaceOf: server] = arrival.interface
    if arrival.segment.options.present.timestamps { noteTimestamp(arrival.segment, from: server, &detail[server]) }
    (lastPacket, lastSeen) = (arrival.captured, arrival.now.milliseconds)
    quiet = .awaiting(.handshakeAcknowledgment, from: server.other)
  }
}

/// What the detail of a request will say of its SYN.
struct RequestFacts: Sendable, BitwiseCopyable {
  let timestamp: UInt32
  /// Its control bits, and above them the marks.
  let bits: UInt16

  fileprivate static let hasTimestamp: UInt16 = 0x100
  static let isPartial: UInt16 = 0x200

  @inline(__always)
  init(timestamp: UInt32, bits: UInt16) {
    self.timestamp = timestamp
    self.bits = bits
  }

  @inline(__always)
  fileprivate init(of arrival: inout Arrival, isPartial: Bool) {
    let hasTimestamp = arrival.segment.options.present.timestamps
    timestamp = hasTimestamp ? arrival.segment.options.timestampValue : 0
    bits =
      UInt16(arrival.segment.flags.rawValue) | (hasTimestamp ? Self.hasTimestamp : 0) | (isPartial ? Self.isPartial : 0)
  }

  fileprivate var isPartial: Bool { bits & Self.isPartial != 0 }
}

extension FlowEnd {
  /// One that has sent a SYN that nothing is odd about.
  @inline(__always)
  fileprivate init(opening arrival: inout Arrival) {
    self.init(.synSent, from: arrival.segment.sequence &+ 1)
    marks.sentSYN = true
    let options = arrival.segment.options
    setWindowScale(options.present.windowScale ? options.windowScale : nil)
    window = arrival.segment.window
    acknowledged = SequenceNumber(arrival.tag)
  }

  fileprivate var requestTag: UInt32 {
    @inline(__always) get { acknowledged.rawValue }
  }

  @inline(__always)
  fileprivate mutating func forgetRequestTag() { acknowledged = SequenceNumber(0) }
}

extension FlowEndDetail {
  @inline(__always)
  fileprivate init(opening base: SequenceNumber, _ facts: RequestFacts, _ state: ObservedEndState) {
    self.init()
    self.base = base
    initialFlags = UInt8(truncatingIfNeeded: facts.bits)
    observed = state
    noteOnce(.syn)
    if facts.bits & RequestFacts.hasTimestamp != 0 {
      recentTimestamp = facts.timestamp
      sentTimestamps = true
    }
  }
  /// Of the end that answers a SYN, as it stands after its SYN-ACK.
  @inline(__always)
  fileprivate init(answering segment: Segment) {
    self.init()
    base = segment.sequence &+ 1
    initialFlags = segment.flags.rawValue
    observed = .established
    noteOnce(.syn)
  }
}
