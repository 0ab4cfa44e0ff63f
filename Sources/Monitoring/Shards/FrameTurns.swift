/// The frames of a block at which shares have something to tell, and who has.
///
/// Nearly all events are of a segment, which is of one share. Where several have something to say at the same frame,
/// the order between them is found by looking at it.
struct FrameTurns {
  enum Turn: Equatable {
    /// One share has, from that of its events on.
    case alone(share: Int, event: Int)
    case contested
  }

  /// A bit for each frame at which somebody has something to tell, and for those at which several have.
  private var told: [UInt64] = []
  private var contested: [UInt64] = []
  /// By frame, a share and the number of an event: what stands elsewhere is of earlier blocks.
  private var events: [UInt64] = []

  /// The word before which no bit of `told` is left.
  private var first = 0

  private static let shareShift: UInt64 = 32

  /// Begins another block.
  mutating func clear(frames: Int) {
    let words = frames / UInt64.bitWidth + 1
    first = 0
    if events.count < words * UInt64.bitWidth {
      events = Array(repeating: 0, count: words * UInt64.bitWidth)
      told = Array(repeating: 0, count: words)
      contested = told
    } else {
      for word in told.indices { (told[word], contested[word]) = (0, 0) }
    }
  }

  /// Adds those of a share.
  mutating func add(_ turns: Span<EventStrand.Turn>, of share: Int) {
    Self.add(turns, of: UInt64(truncatingIfNeeded: share) << Self.shareShift, &told, &contested, &events)
  }

  private static func add(
    _ turns: Span<EventStrand.Turn>,
    of share: UInt64,
    _ told: inout [UInt64],
    _ contested: inout [UInt64],
    _ events: inout [UInt64]
  ) {
    var told = told.mutableSpan
    var contested = contested.mutableSpan
    var events = events.mutableSpan
    for index in turns.indices {
      let turn = turns[index]
      let (word, bit) = place(turn.frame)
      contested[word] |= told[word] & bit
      told[word] |= bit
      events[Int(turn.frame)] = share | UInt64(turn.event)
    }
  }

  @inline(__always)
  private static func place(_ frame: UInt32) -> (word: Int, bit: UInt64) {
    (Int(frame >> 6), 1 &<< UInt64(frame & 63))
  }

  /// Takes out the first frame before `end`.
  @inline(__always)
  mutating func next(before end: UInt32) -> (turn: Turn, frame: UInt32)? {
    while first < told.count {
      let bits = told[first]
      guard bits != 0 else {
        first += 1
        continue
      }
      let frame = UInt32(truncatingIfNeeded: first << 6 | bits.trailingZeroBitCount)
      guard frame < end else { return nil }
      let bit = bits & (0 &- bits)
      told[first] = bits & ~bit
      if contested[first] & bit != 0 { return (.contested, frame) }
      let event = events[Int(frame)]
      let share = Int(truncatingIfNeeded: event >> Self.shareShift)
      return (.alone(share: share, event: Int(UInt32(truncatingIfNeeded: event))), frame)
    }
    return nil
  }

  /// Whether something at a frame has not been taken out.
  func has(_ frame: UInt32) -> Bool {
    let (word, bit) = Self.place(frame)
    return word < told.count && told[word] & bit != 0
  }

  /// Part of it will have been told when it is taken out.
  mutating func contest(_ frame: UInt32) {
    let (word, bit) = Self.place(frame)
    contested[word] |= bit
  }
}
