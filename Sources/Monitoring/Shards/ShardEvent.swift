internal import ConnectionTracking
internal import PacketDecoding

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
  var now: Instant
  var from = Standing.nothing
  var to = Standing.nothing

  /// Whether it comes before all that others may have at the same frame and step.
  @inline(__always)
  func precedes(_ other: ShardEvent) -> Bool {
    if frame != other.frame { return frame < other.frame }
    if step != other.step { return step < other.step }
    return queue != other.queue ? queue < other.queue : deadline < other.deadline
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
  /// When the next is told.
  var frame: UInt32 = 0
  var step: UInt8 = 0
  private var queue = Self.noQueue
  private var deadline = Instant(nanoseconds: 0)
  private var now = Instant(nanoseconds: 0)
  /// How many were opened, since the share's first.
  private(set) var connections: UInt32 = 0

  private static let noQueue: UInt8 = 255

  init(hearsOfLeaving: Bool) { self.hearsOfLeaving = hearsOfLeaving }

  mutating func begin(frame: UInt32, step: UInt8) {
    (self.frame, self.step, queue) = (frame, step, Self.noQueue)
  }

  mutating func beginBlock(connections: UInt32) {
    self.connections = connections
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
      now: now
    )
  }

  mutating func note(_ now: Instant) { self.now = now }

  mutating func meets(_ deadline: Instant, ofQueue number: UInt8) { (self.deadline, queue) = (deadline, number) }

  mutating func opened(client: Endpoint, server: Endpoint, namespace: UInt8, _ standing: Standing) -> AccountKey {
    var event = event(.opened, connections)
    event.index = UInt32(openings.count)
    event.to = standing
    events.append(event)
    openings.append(Opening(client: client, server: server, namespace: namespace))
    connections += 1
    return AccountKey(service: event.connection, peer: 0, namespace: namespace)
  }

  mutating func moved(_ account: AccountKey, from: Standing, to: Standing) {
    var event = event(.moved, account.service)
    event.from = from
    event.to = to
    events.append(event)
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
