internal import PacketDecoding

/// The last segments that opened, moved or closed connections, of all connections together: a ring of fixed size, so
/// that memory is bounded whatever comes. The oldest make way.
///
/// The SYN of a new connection is not in it, unless it is odd, as one with data is: when it came, and what it did, is
/// known of the connection itself. So a flood of them takes no memory here, and does not drive out what others did.
///
/// The addresses are private, and each place looked up is one of the ring or of the chains: that is what makes it safe.
@safe
package struct SegmentLog: ~Copyable {
  private let limit: Int
  private let segments: ReservedArray<LoggedSegment>
  private var count = 0
  /// Where the next one goes: where the oldest is, when all places are taken.
  private var cursor = 0
  /// By the lower bits of a connection's serial, the place of the last segment of those that have them.
  private let newest: ReservedArray<UInt32>

  /// Connections whose serials are alike in these bits are few, because serials follow each other.
  private static let segmentsPerChain = 4
  private static let most = 1 << 22
  /// What is told of one connection at most, and how far back its chain is followed.
  private static let mostTold = 64
  private static let mostVisited = 8192

  /// - Parameter limit: 0 keeps nothing.
  package init(limit: Int) {
    let limit = min(max(limit, 0), Self.most)
    let chains = limit == 0 ? 0 : Self.powerOfTwo(upTo: max(limit / Self.segmentsPerChain, 1))
    // Memory that nothing was written to is not taken from the system: as one comes after the other, little by little.
    segments = ReservedArray(capacity: limit, orFewer: limit, pages: .small)
    newest = ReservedArray(capacity: chains, orFewer: chains)
    // These are read before they are written: of each page the kernel would first show one of zeros that all share, and
    // tell all processors when it takes that back.
    unsafe newest.start.update(repeating: 0, count: chains)
    self.limit = limit
  }

  private static func powerOfTwo(upTo number: Int) -> Int {
    1 << (Int.bitWidth - 1 - number.leadingZeroBitCount)
  }

  /// How many segments fit into so much memory.
  package static func limit(forBytes bytes: Int) -> Int {
    min(bytes / (MemoryLayout<LoggedSegment>.stride + MemoryLayout<UInt32>.stride / segmentsPerChain), most)
  }

  package var isOn: Bool {
    @inline(__always) get { limit > 0 }
  }

  /// Asks for where the last segment of a connection is found.
  @inline(__always)
  func expect(_ serial: UInt64) { newest.prefetchLine(chain(of: serial)) }

  @inline(never)
  mutating func add(_ segment: LoggedSegment) {
    guard limit > 0 else { return }
    let chain = chain(of: segment.serial)
    var segment = segment
    segment.previous = unsafe newest.start[chain]
    unsafe newest.start[chain] = UInt32(truncatingIfNeeded: cursor)
    unsafe segments.start[cursor] = segment
    cursor &+= 1
    count = max(count, cursor)
    if cursor == limit { cursor = 0 }
    // (Beyond the end, nothing comes of it.)
    segments.prefetchLine(cursor &+ Self.segmentsAhead)
  }

  /// Two lines.
  private static let segmentsAhead = 4

  /// What is known of a connection, oldest first.
  func segments(of serial: UInt64) -> [LoggedSegment] {
    guard count > 0 else { return [] }
    let chain = chain(of: serial)
    var found: [LoggedSegment] = []
    var (place, age, visited) = (unsafe Int(newest.start[chain]), 0, 0)
    // One that is younger than its follower, or of another chain, has taken the place of what made way.
    while visited < Self.mostVisited, found.count < Self.mostTold, place < count {
      let (segment, older) = (unsafe segments.start[place], self.age(of: place))
      guard older > age, self.chain(of: segment.serial) == chain else { break }
      if segment.serial == serial { found.append(segment) }
      (place, age, visited) = (Int(segment.previous), older, visited + 1)
    }
    return found.reversed()
  }

  /// Whether all segments since then are there.
  func reaches(back start: Timestamp) -> Bool {
    unsafe count < limit || start > segments.start[cursor].captured
  }

  /// Whether there cannot be more that were not told.
  static func isAll(_ found: [LoggedSegment]) -> Bool { found.count < mostTold }

  private func chain(of serial: UInt64) -> Int { Int(truncatingIfNeeded: serial) & (newest.capacity - 1) }

  /// How many segments ago: 1 is the last one.
  private func age(of place: Int) -> Int { place < cursor ? cursor - place : cursor + limit - place }
}
