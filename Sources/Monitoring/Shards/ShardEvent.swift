internal import ConnectionTracking
internal import PacketDecoding
internal import StateAccounting

/// What a tracker told its observer, and when: at which frame, and there in which step.
struct ShardEvent: Sendable, BitwiseCopyable {
  enum Kind: UInt8 {
    case opened, moved, siblings, reused, handshake, ended, left
  }

  /// What happens at one frame, in order.
  enum Step {
    static let icmpError: UInt8 = 0
    /// Seconds without a packet, from here on.
    static let gap: UInt8 = 1
    static let tick: UInt8 = 254
    static let deadlines: UInt8 = 255
    static let segment = deadlines
  }

  var frame: UInt32
  var step: UInt8
  /// Which queue's deadline it is of, in the order in which queues are looked at; beyond all of them for a segment.
  var queue: UInt8
  var kind: Kind
  var handshake = HandshakeEvent.answeredLate
  /// Counted by its tracker.
  var connection: UInt32
  /// Where its ends, or what it was like, stands.
  var index: UInt32 = 0
  var deadline: Instant
  /// Counted over all blocks, the frame at which the connection moved last before.
  var moved: UInt64
  var now: Instant
  var from = Standing.nothing
  var to = Standing.nothing

  /// Whether it comes before all that others may have at the same frame and step.
  @inline(__always)
  func precedes(_ other: ShardEvent) -> Bool {
    if frame != other.frame { return frame < other.frame }
    if step != other.step { return step < other.step }
    if queue != other.queue { return queue < other.queue }
    if deadline != other.deadline { return deadline < other.deadline }
    // Of two deadlines at the same moment the one that was set first is met first.
    return moved < other.moved
  }
}

extension Standing {
  fileprivate static var nothing: Standing {
    Standing(clientPhase: .closed, serverPhase: .closed, closedFirst: .none, closeKind: .none, localSide: .unknown)
  }
}

/// Writes down what a tracker tells, for the books of the whole.
struct EventRecorder: ConnectionObserver {
  struct Opening: Sendable, BitwiseCopyable {
    var client: Endpoint
    var server: Endpoint
    var namespace: UInt8
  }

  var events: [ShardEvent] = []
  var openings: [Opening] = []
  var views: [ConnectionView] = []
  /// Somebody wants to hear of those that leave.
  let hearsOfLeaving: Bool
  /// The share's, while it takes the block.
  var memory = ShareMemory()
  /// When the next is told.
  var frame: UInt32 = 0
  var step: UInt8 = 0
  private var queue = Self.noQueue
  private var deadline = Instant(nanoseconds: 0)
  private var now = Instant(nanoseconds: 0)

  private static let noQueue: UInt8 = 255

  init(hearsOfLeaving: Bool) { self.hearsOfLeaving = hearsOfLeaving }

  mutating func begin(frame: UInt32, step: UInt8) {
    (self.frame, self.step, queue) = (frame, step, Self.noQueue)
  }

  mutating func beginBlock() {
    events.removeAll(keepingCapacity: true)
    openings.removeAll(keepingCapacity: true)
    views.removeAll(keepingCapacity: true)
  }

  private func event(_ kind: ShardEvent.Kind, _ connection: UInt32) -> ShardEvent {
    ShardEvent(
      frame: frame,
      step: step,
      queue: queue,
      kind: kind,
      connection: connection,
      deadline: deadline,
      moved: memory.moved[Int(connection)],
      now: now
    )
  }

  mutating func note(_ now: Instant) { self.now = now }

  mutating func meets(_ deadline: Instant, ofQueue number: UInt8) { (self.deadline, queue) = (deadline, number) }

  mutating func opened(client: Endpoint, server: Endpoint, namespace: UInt8, _ standing: Standing) -> AccountKey {
    let connection = memory.open(at: frame)
    var event = event(.opened, connection)
    event.index = UInt32(openings.count)
    event.to = standing
    events.append(event)
    openings.append(Opening(client: client, server: server, namespace: namespace))
    return AccountKey(service: connection, peer: memory.quiet.number(of: server), namespace: namespace)
  }

  mutating func moved(_ account: AccountKey, from: Standing, to: Standing) {
    if queue != Self.noQueue || !memory.quiet.take(account.peer, from: from, to: to) {
      var event = event(.moved, account.service)
      event.from = from
      event.to = to
      events.append(event)
    }
    memory.move(account.service, at: frame)
  }

  /// Not known here: whoever has the books of the whole finds out.
  mutating func siblings(_ account: AccountKey) -> Int {
    events.append(event(.siblings, account.service))
    return 0
  }

  mutating func reused(_ account: AccountKey) { events.append(event(.reused, account.service)) }

  mutating func handshake(_ account: AccountKey, _ handshake: HandshakeEvent) {
    var event = event(.handshake, account.service)
    event.handshake = handshake
    events.append(event)
  }

  mutating func ended(_ connection: ConnectionView) { add(.ended, connection) }
  mutating func left(_ connection: ConnectionView) { add(.left, connection) }

  private mutating func add(_ kind: ShardEvent.Kind, _ connection: ConnectionView) {
    var event = event(kind, connection.detail.account.service)
    event.index = UInt32(views.count)
    events.append(event)
    views.append(connection)
  }
}

/// What a share knows of its connections from block to block.
struct ShareMemory {
  /// By the number that the share has given a connection, the frame at which it moved last.
  private(set) var moved: [UInt64] = []
  /// Moves that the books need not hear of before the end.
  var quiet = QuietMoves()
  /// Of blocks before.
  var frames: UInt64 = 0

  /// - Returns: the number of a new connection.
  mutating func open(at frame: UInt32) -> UInt32 {
    moved.append(frames + UInt64(frame))
    return UInt32(moved.count - 1)
  }

  mutating func move(_ connection: UInt32, at frame: UInt32) { moved[Int(connection)] = frames + UInt64(frame) }
}
