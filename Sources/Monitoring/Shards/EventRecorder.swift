internal import ConnectionTracking
internal import PacketDecoding
internal import StateAccounting

/// What a share tells of a block, in order.
struct EventStrand: Sendable {
  struct Opening: Sendable, BitwiseCopyable {
    var client: Endpoint
    var server: Endpoint
    var namespace: UInt8
  }

  /// Where the events of one frame begin.
  struct Turn: Sendable, BitwiseCopyable {
    var frame: UInt32
    var event: UInt32
  }

  private(set) var events: [ShardEvent] = []
  private(set) var turns: [Turn] = []
  var openings: [Opening] = []
  var ends: [EndedConnection] = []
  var views: [ConnectionView] = []

  @inline(__always)
  mutating func add(_ event: ShardEvent) {
    assert(turns.last.map { $0.frame <= event.frame } ?? true)
    if turns.last?.frame != event.frame { turns.append(Turn(frame: event.frame, event: UInt32(events.count))) }
    events.append(event)
  }

  mutating func clear() {
    events.removeAll(keepingCapacity: true)
    turns.removeAll(keepingCapacity: true)
    openings.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    views.removeAll(keepingCapacity: true)
  }
}

/// Writes down what a tracker tells, for the books of the whole.
struct EventRecorder: ~Copyable, FrameObserver {
  var strand = EventStrand()
  /// Somebody wants to hear of those that leave.
  let hearsOfLeaving: Bool
  private(set) var memory = ShareMemory()
  /// When the next is told.
  private var frame: UInt32 = 0
  private var step: UInt8 = 0
  private var queue = Self.noQueue
  private var deadline = Instant(nanoseconds: 0)
  private var now = Instant(nanoseconds: 0)
  /// Of a connection that is about to be told of as answered: beyond its ends among the openings, or 0.
  private var answering: UInt32 = 0

  private static let noQueue: UInt8 = 255

  init(hearsOfLeaving: Bool) { self.hearsOfLeaving = hearsOfLeaving }

  mutating func begin(frame: UInt32) { begin(frame: frame, step: ShardEvent.Step.segment) }

  @inline(__always)
  mutating func begin(frame: UInt32, step: UInt8) {
    (self.frame, self.step, queue) = (frame, step, Self.noQueue)
  }

  mutating func endBlock(frames: Int) { memory.frames += UInt64(frames) }

  @inline(__always)
  private func event(_ kind: ShardEvent.Kind, _ connection: UInt32) -> ShardEvent {
    ShardEvent(
      frame: frame,
      step: step,
      queue: queue,
      kind: kind,
      connection: connection,
      deadline: deadline,
      // Asked for of deadlines alone, and far away in memory.
      moved: queue == Self.noQueue ? 0 : memory.lastMove(of: connection),
      now: now
    )
  }

  mutating func note(_ now: Instant) { self.now = now }

  // Mutating, for what is not is done on a copy.
  mutating func expect(peer number: UInt32) { memory.expect(number &- 1) }

  mutating func meets(_ deadline: Instant, ofQueue number: UInt8) { (self.deadline, queue) = (deadline, number) }

  mutating func opened(client: Endpoint, server: Endpoint, namespace: UInt8, _ standing: Standing) -> AccountKey {
    let connection = memory.open(at: frame)
    var event = event(.opened, connection)
    event.index = UInt32(strand.openings.count)
    event.to = standing
    strand.add(event)
    strand.openings.append(EventStrand.Opening(client: client, server: server, namespace: namespace))
    return AccountKey(numbered: connection, isAnswered: false, namespace: namespace)
  }

  /// Whether its account is shared is known to the books alone: they get its ends once more.
  mutating func answered(
    _ account: AccountKey,
    client: Endpoint,
    server: Endpoint,
    _ standing: Standing
  ) -> AccountKey {
    strand.openings.append(EventStrand.Opening(client: client, server: server, namespace: account.namespace))
    answering = UInt32(strand.openings.count)
    return AccountKey(numbered: account.number, isAnswered: true, namespace: account.namespace)
  }

  mutating func moved(_ account: AccountKey, from: Standing, to: Standing) {
    if queue != Self.noQueue || answering != 0 || !from.movesQuietly(to: to) {
      var event = event(.moved, account.number)
      event.to = to
      event.index = answering
      answering = 0
      strand.add(event)
    }
    memory.noteMove(of: account.number, at: frame)
  }

  mutating func took(_ step: RegularStep, _ account: AccountKey, _ side: LocalSide, at now: Instant) -> Int {
    self.now = now
    if queue == Self.noQueue, step.isQuiet {
      memory.noteMove(of: account.number, at: frame)
      return 0
    }
    let siblings = step.closes ? siblings(account) : 0
    moved(account, from: step.before(side), to: step.after(side))
    return siblings
  }

  /// Not known here: whoever has the books of the whole finds out.
  mutating func siblings(_ account: AccountKey) -> Int {
    strand.add(event(.siblings, account.number))
    return 0
  }

  mutating func reused(_ account: AccountKey) { strand.add(event(.reused, account.number)) }

  mutating func handshake(_ account: AccountKey, _ handshake: HandshakeEvent) {
    var event = event(.handshake, account.number)
    event.handshake = handshake
    strand.add(event)
  }

  mutating func ended(_ connection: EndedConnection, copy: () -> ConnectionView) {
    var event = event(.ended, connection.number)
    event.index = UInt32(strand.ends.count)
    strand.add(event)
    strand.ends.append(connection)
  }

  mutating func left(_ connection: ConnectionView) {
    var event = event(.left, connection.detail.account.number)
    event.index = UInt32(strand.views.count)
    strand.add(event)
    strand.views.append(connection)
  }

  mutating func endedUnheard(_ account: AccountKey, serial: UInt64, isUnanswered: Bool) -> Bool {
    var event = event(.endedUnheard, account.number)
    event.index = isUnanswered ? 1 : 0
    strand.add(event)
    return true
  }
}

/// What a share gives its trackers as accounts: the number of the connection as the peer, by one more, and as the
/// service whether the server has answered. Until then it counts as shared, for the tracker to say when that happens.
extension AccountKey {
  init(numbered connection: UInt32, isAnswered: Bool, namespace: UInt8) {
    self.init(service: isAnswered ? 1 : 0, peer: connection &+ 1, namespace: namespace)
  }

  var number: UInt32 { peer &- 1 }
}

extension RegularStep {
  /// Whether it moves a connection quietly.
  fileprivate var isQuiet: Bool {
    switch self {
    case .acknowledgment, .clientCloseAcknowledged, .serverCloseAcknowledged: true
    default: false
    }
  }
}

extension EndedConnection {
  fileprivate var number: UInt32 { peer &- 1 }
}

/// What a share knows of its connections from block to block, by the numbers that it has given them. (What the books
/// were told of them is known there.)
struct ShareMemory: ~Copyable {
  /// The frames at which they moved last, counted over all blocks.
  private var moves = NumberedMemory<UInt64>()
  /// Of blocks before.
  var frames: UInt64 = 0

  func lastMove(of connection: UInt32) -> UInt64 { moves[Int(connection)] }

  /// Asks for the memory of a connection.
  mutating func expect(_ connection: UInt32) { moves.prefetch(Int(connection)) }

  /// - Returns: the number of a new connection.
  mutating func open(at frame: UInt32) -> UInt32 {
    moves.append(frames + UInt64(frame))
    return UInt32(moves.count - 1)
  }

  @inline(__always)
  mutating func noteMove(of connection: UInt32, at frame: UInt32) {
    moves[Int(connection)] = frames + UInt64(frame)
  }
}
