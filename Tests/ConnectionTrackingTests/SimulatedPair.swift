import ConnectionTracking
import PacketDecoding
import TestNumbers

/// Two ends that speak TCP with each other, as RFC 9293 wants them to, over a path that delays each direction and loses
/// segments behind the point of capture. They know their own states: what the tracker says is held against them.
struct SimulatedPair {
  struct Socket {
    var phase = Phase.closed
    /// SND.UNA, SND.NXT, RCV.NXT, relative to nothing.
    var unacknowledged: UInt32
    var next: UInt32
    var received: UInt32 = 0
    var finSent: UInt32?
    /// What was sent and not acknowledged yet.
    var queue: [Segment] = []
  }

  private(set) var sockets: [Socket]
  private(set) var wire: [Segment] = []
  private var inFlight: [(from: Int, segment: Segment)] = []
  private var generator: SplitMix
  static let endpoints = [Script().client, Script().server]
  /// Who sent a FIN or RST first, by the senders' own clock; both when the FINs crossed.
  private(set) var resetBy: Int?
  private(set) var finOrder: [Int] = []
  private(set) var finsCrossed = false

  init(seed: UInt64) {
    generator = SplitMix(state: seed)
    var starts = [UInt32(truncatingIfNeeded: generator.next()), UInt32(truncatingIfNeeded: generator.next())]
    // A third of them wraps around, one end or both.
    if seed % 3 == 0 { starts[0] |= 0xFFFF_FFC0 }
    if seed % 6 == 0 { starts[1] |= 0xFFFF_FFC0 }
    sockets = starts.map { Socket(unacknowledged: $0, next: $0) }
    sockets[1].phase = .listen
    sockets[0].phase = .synSent
    send(.syn, from: 0)
    sockets[0].next &+= 1
  }

  var isEstablished: Bool { sockets.allSatisfy { $0.phase == .established } }

  /// By the order of the FINs.
  var closedFirst: ClosedFirst {
    guard let first = finOrder.first else { return .none }
    if finsCrossed { return .simultaneous }
    return first == 0 ? .client : .server
  }

  /// Numbers of either end have passed 2^32.
  var hasWrapped: Bool { sockets.contains { $0.next < 0x8000_0000 && $0.next &- 5000 > 0x8000_0000 } }

  /// Nothing is on its way, and nothing was lost.
  var isQuiet: Bool { inFlight.isEmpty && sockets.allSatisfy { $0.queue.isEmpty || $0.phase == .closed } }

  /// One thing happens: an application acts, a segment arrives, or one is lost and sent again.
  mutating func step(closing: Bool) {
    let choice = below(10)
    if choice < 6 || (closing && !inFlight.isEmpty && choice < 8) {
      deliver()
    } else if choice < 9 {
      act(below(2), closing: closing)
    } else if let lost = inFlight.indices.randomElement(using: &generator), inFlight[lost].segment.sequenceLength > 0 {
      inFlight.remove(at: lost)
    }
  }

  /// Everything arrives, and what was lost is sent again until it did.
  mutating func settle() {
    repeat {
      while !inFlight.isEmpty { deliver() }
      for end in 0...1 where sockets[end].phase != .closed { retransmit(from: end) }
    } while !inFlight.isEmpty
  }

  private mutating func retransmit(from end: Int) {
    for var segment in sockets[end].queue {
      if segment.flags.isACK { segment.acknowledgment = SequenceNumber(sockets[end].received) }
      wire.append(segment)
      inFlight.append((end, segment))
    }
  }

  // MARK: Application

  private mutating func act(_ end: Int, closing: Bool) {
    let phase = sockets[end].phase
    guard phase == .established || phase == .closeWait else { return }
    if closing, below(3) == 0 {
      close(end)
    } else if closing, below(40) == 0 {
      abort(end)
    } else {
      let length = UInt32(1 + below(100))
      send(.psh | .ack, from: end, length: length)
      sockets[end].next &+= length
    }
  }

  private mutating func close(_ end: Int) {
    send(.fin | .ack, from: end)
    sockets[end].next &+= 1
    sockets[end].finSent = sockets[end].next
    finOrder.append(end)
    sockets[end].phase = sockets[end].phase == .established ? .finWait1 : .lastAck
    if finOrder.count == 2, sockets[end].phase == .finWait1 { finsCrossed = true }
  }

  private mutating func abort(_ end: Int) {
    settle()
    guard sockets[end].phase == .established || sockets[end].phase == .closeWait else { return }
    send(.rst | .ack, from: end)
    sockets[end].phase = .closed
    if resetBy == nil { resetBy = end }
  }

  // MARK: Network

  /// The oldest segment of either direction arrives: each keeps its order.
  private mutating func deliver() {
    let from = below(2)
    let index = inFlight.firstIndex { $0.from == from } ?? (inFlight.isEmpty ? nil : 0)
    guard let index else { return }
    let (sender, segment) = inFlight.remove(at: index)
    receive(segment, at: 1 - sender)
  }

  private mutating func send(_ flags: TCPFlags, from end: Int, length: UInt32 = 0) {
    let segment = Segment(
      source: Self.endpoints[end],
      destination: Self.endpoints[1 - end],
      sequence: SequenceNumber(sockets[end].next),
      acknowledgment: SequenceNumber(flags.isACK ? sockets[end].received : 0),
      flags: flags,
      payloadLength: length
    )
    wire.append(segment)
    inFlight.append((end, segment))
    if segment.sequenceLength > 0 { sockets[end].queue.append(segment) }
  }

  private mutating func receive(_ segment: Segment, at end: Int) {
    var socket = sockets[end]
    if socket.phase == .listen {
      socket.received = segment.sequence.rawValue &+ 1
      socket.phase = .synReceived
      sockets[end] = socket
      send(.syn | .ack, from: end)
      sockets[end].next &+= 1
      return
    }
    guard socket.phase != .closed else {
      if !segment.flags.isRST { answerWithReset(segment, from: end) }
      return
    }
    if socket.phase == .synSent {
      guard segment.flags.isSYN else { return }
      socket.received = segment.sequence.rawValue &+ 1
      socket.phase = .established
      sockets[end] = socket
      takeAcknowledgment(segment, at: end)
      send(.ack, from: end)
      return
    }
    guard segment.sequence.rawValue == socket.received else {
      // A duplicate, or something is missing: acknowledged again.
      if segment.flags.isACK, !segment.flags.isRST { takeAcknowledgment(segment, at: end) }
      if segment.sequenceLength > 0, !segment.flags.isRST { send(.ack, from: end) }
      return
    }
    if segment.flags.isRST {
      sockets[end].phase = .closed
      return
    }
    takeAcknowledgment(segment, at: end)
    guard sockets[end].phase != .closed, segment.sequenceLength > 0 else { return }
    sockets[end].received = segment.sequenceEnd.rawValue
    if segment.flags.isFIN {
      switch sockets[end].phase {
      case .established, .synReceived: sockets[end].phase = .closeWait
      case .finWait1: sockets[end].phase = .closing
      case .finWait2: sockets[end].phase = .timeWait
      default: break
      }
    }
    send(.ack, from: end)
  }

  private mutating func takeAcknowledgment(_ segment: Segment, at end: Int) {
    let number = segment.acknowledgment
    if SequenceNumber(sockets[end].unacknowledged).precedes(number) { sockets[end].unacknowledged = number.rawValue }
    let unacknowledged = SequenceNumber(sockets[end].unacknowledged)
    sockets[end].queue.removeAll { !unacknowledged.precedes($0.sequenceEnd) }
    if sockets[end].phase == .synReceived { sockets[end].phase = .established }
    guard let fin = sockets[end].finSent, sockets[end].unacknowledged == fin else { return }
    switch sockets[end].phase {
    case .finWait1: sockets[end].phase = .finWait2
    case .closing: sockets[end].phase = .timeWait
    case .lastAck: sockets[end].phase = .closed
    default: break
    }
  }

  private mutating func answerWithReset(_ segment: Segment, from end: Int) {
    guard segment.flags.isACK else { return }
    let reset = Segment(
      source: Self.endpoints[end],
      destination: Self.endpoints[1 - end],
      sequence: segment.acknowledgment,
      flags: .rst
    )
    wire.append(reset)
    inFlight.append((end, reset))
  }

  private mutating func below(_ limit: Int) -> Int { generator.below(limit) }
}
