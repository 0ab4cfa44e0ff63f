internal import ConnectionTracking
internal import PacketDecoding
internal import StateAccounting

/// What a tracker told its observer, and when: at which frame, and there in which step.
struct ShardEvent: Sendable, BitwiseCopyable {
  enum Kind: UInt8 {
    case opened, moved, siblings, reused, handshake, ended, endedUnheard, left
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
  /// Where its ends, or what it was like, stands; of a move by one more, and 0 where its server does not just answer.
  var index: UInt32 = 0
  var deadline: Instant
  /// Counted over all blocks, the frame at which the connection moved last before.
  var moved: UInt64
  var now: Instant
  /// What the connection is like from now on.
  var to = Standing.nothing

  /// What comes first of two at other frames, or in other steps.
  @inline(__always)
  var key: UInt64 { Self.key(frame, step) }

  @inline(__always)
  static func key(_ frame: UInt32, _ step: UInt8) -> UInt64 { UInt64(frame) << 8 | UInt64(step) }

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
  static var nothing: Standing {
    Standing(clientPhase: .closed, serverPhase: .closed, closedFirst: .none, closeKind: .none, localSide: .unknown)
  }
}
