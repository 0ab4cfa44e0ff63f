internal import PacketDecoding

/// A SYN that nobody has answered, all that is kept of its connection until then (the kernel's `request_sock`): in a
/// flood there are very many. A second segment makes it a connection like others.
///
/// What does not fit 44 octets is not kept like this. When it began, and its number, the queue knows.
struct Request: Sendable, BitwiseCopyable {
  private var firstWord: UInt32
  private var secondWord: UInt32
  /// Of both ends, as they stand in the hot line. Of one that has its place among the connections, that place.
  var ports: UInt32
  /// The sequence number after the SYN.
  let base: SequenceNumber
  // Where it began, counted from where its group did.
  var delay: UInt32 = 0
  var drift: Int32 = 0
  // Whose sockets its ends are was not asked.
  private var service: UInt32 = 0
  private var peer: UInt32 = 0
  private let timestamp: UInt32
  var serialOffset: UInt16 = 0
  private let window: UInt16
  private let interface: UInt8
  private let flags: UInt8
  let side: LocalSide
  /// The shift of its window in the lower bits.
  private var marks: UInt8

  private static let isSecond: UInt8 = 0x10
  private static let hasTimestamp: UInt8 = 0x20
  private static let isPartial: UInt8 = 0x40
  private static let noScale: UInt8 = 0x0F

  /// Of a SYN for which `Flow.mayOpenPlainly` holds.
  @inline(__always)
  init(_ arrival: inout Arrival, _ side: LocalSide, isPartial: Bool) {
    let options = arrival.segment.options
    firstWord = UInt32(truncatingIfNeeded: arrival.words)
    secondWord = UInt32(truncatingIfNeeded: arrival.words >> 32)
    ports = arrival.ports
    base = arrival.segment.sequence &+ 1
    timestamp = options.present.timestamps ? options.timestampValue : 0
    window = arrival.segment.window
    interface = arrival.interface
    flags = arrival.segment.flags.rawValue
    self.side = side
    marks = options.present.windowScale ? min(options.windowScale, Self.noScale) : Self.noScale
    if arrival.sender == .second { marks |= Self.isSecond }
    if options.present.timestamps { marks |= Self.hasTimestamp }
    if isPartial { marks |= Self.isPartial }
  }

  @inline(__always)
  var words: UInt64 { UInt64(firstWord) | UInt64(secondWord) << 32 }

  /// Who sent the SYN.
  @inline(__always)
  var sender: End { marks & Self.isSecond == 0 ? .first : .second }

  @inline(__always)
  var account: AccountKey {
    get { AccountKey(service: service, peer: peer) }
    set { (service, peer) = (newValue.service, newValue.peer) }
  }

  mutating func notePartial() { marks |= Self.isPartial }

  /// Its key, which fits the hot line.
  var key: FlowKey {
    FlowKey(
      first: Endpoint(address: IPAddress(ipv4: firstWord), port: UInt16(truncatingIfNeeded: ports)),
      second: Endpoint(address: IPAddress(ipv4: secondWord), port: UInt16(truncatingIfNeeded: ports >> 16)),
      scope: 0
    )
  }
}

/// What a connection begins with beside its SYN.
struct Beginning: Sendable, BitwiseCopyable {
  /// Engine time.
  var now: Instant
  var captured: Timestamp
  var serial: UInt64
}

extension Request {
  /// The connection that it opens.
  @inline(__always)
  func begin(_ flow: inout Flow, _ detail: inout FlowDetail, _ beginning: Beginning, isWide: Bool) {
    switch sender {
    case .first: begin(&flow, &detail, beginning, from: .first)
    case .second: begin(&flow, &detail, beginning, from: .second)
    }
    flow.traits.isWide = isWide
    flow.queue = .halfOpen
    detail.account = account
  }

  /// - Parameter sender: a constant, with which all that is an end's has its place.
  @inline(__always)
  private func begin(_ flow: inout Flow, _ detail: inout FlowDetail, _ beginning: Beginning, from sender: End) {
    let isFirst = sender == .first
    let (opener, other) = (openingEnd, FlowEnd(.listen))
    flow = Flow(words, ports, beginning, isFirst ? [opener, other] : [other, opener])
    if isFirst { flow.firstInterface = interface } else { flow.secondInterface = interface }
    flow.localSide = side
    flow.traits.clientIsSecond = !isFirst
    flow.traits.rolesObserved = true
    let (openerDetail, otherDetail) = (openingEndDetail, FlowEndDetail())
    detail = FlowDetail(
      serial: beginning.serial,
      isFirst ? [openerDetail, otherDetail] : [otherDetail, openerDetail]
    )
    detail.isPartial = marks & Self.isPartial != 0
  }

  @inline(__always)
  private var openingEnd: FlowEnd {
    var end = FlowEnd(.synSent, from: base)
    end.marks.sentSYN = true
    let scale = marks & Self.noScale
    end.setWindowScale(scale == Self.noScale ? nil : scale)
    end.window = window
    return end
  }

  @inline(__always)
  private var openingEndDetail: FlowEndDetail {
    var end = FlowEndDetail()
    end.base = base
    end.initialFlags = flags
    end.observed = .synSent
    end.noteOnce(.syn)
    if marks & Self.hasTimestamp != 0 {
      end.recentTimestamp = timestamp
      end.sentTimestamps = true
    }
    return end
  }
}
