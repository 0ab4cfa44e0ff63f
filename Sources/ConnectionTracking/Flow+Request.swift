internal import PacketDecoding

/// A SYN that nobody has answered (the kernel's `request_sock`): in a flood there are very many. Its hot line and its stay
/// are all that is kept of the connection; a second segment makes it whole. What its detail will say stands where the
/// silent end, of which nothing is known, will have its numbers, and its serial number where the stay will say when it
/// began, which for one segment is when the last one came.
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
    isPartial: Bool
  ) {
    let sender = arrival.sender
    unsafe flow.initialize(to: Flow(arrival.words, arrival.ports, arrival.now, arrival.captured))
    unsafe place(of: sender, in: flow).pointee = FlowEnd(opening: &arrival)
    unsafe place(of: sender.other, in: flow).pointee = FlowEnd(RequestFacts(of: &arrival, isPartial: isPartial))
    unsafe flow.pointee[interfaceOf: sender] = arrival.interface
    unsafe flow.pointee.localSide = side
    unsafe flow.pointee.traits = Traits(isWide: arrival.isWide, clientIsSecond: sender == .second)
    unsafe flow.pointee.queue = .request
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
      detail = FlowDetail(serial: serial, [FlowEndDetail(), FlowEndDetail(opening: second.next, facts)])
    } else {
      (facts, account) = (second.requestFacts, second.requestAccount)
      second = FlowEnd(.listen)
      detail = FlowDetail(serial: serial, [FlowEndDetail(opening: first.next, facts), FlowEndDetail()])
    }
    detail.account = account
    detail.isPartial = facts.isPartial
    queue = .halfOpen
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
  }
}

extension FlowEndDetail {
  @inline(__always)
  fileprivate init(opening base: SequenceNumber, _ facts: RequestFacts) {
    self.init()
    self.base = base
    initialFlags = UInt8(truncatingIfNeeded: facts.bits)
    observed = .synSent
    noteOnce(.syn)
    if facts.bits & RequestFacts.hasTimestamp != 0 {
      recentTimestamp = facts.timestamp
      sentTimestamps = true
    }
  }
}
