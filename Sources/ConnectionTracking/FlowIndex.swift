internal import CPrefetch
internal import PacketDecoding

/// From hashes of keys to slots: eight bytes an entry, half hash and half slot, so that a lookup reads a connection
/// only when its hash agrees, and growing reads none.
///
/// Extendible hashing: a directory, by the upper bits of the hash, of segments that are open-addressed by the lower
/// bits. A segment that fills up grows by a quarter, and from some size on is split in two, which takes microseconds;
/// the table is never rehashed as a whole, and never much larger than it has to be.
///
/// The pointers are private, and every position is below the size of its segment: that is what makes it safe.
@safe
struct FlowIndex: ~Copyable {
  private var directory: UnsafeMutableBufferPointer<IndexSegment>
  /// How many of the upper bits tell segments apart.
  private var depth: UInt32 = 0

  private var size: Int { 1 << Int(depth) }

  /// Beyond it segments fill up instead: 2^20 of them have room for more connections than memory has.
  private static let deepest: UInt32 = 20

  /// An entry, in a segment that is at times hardly more than a third full.
  static let bytesPerConnection = 24

  init() {
    unsafe directory = .allocate(capacity: 1)
    unsafe directory.initialize(repeating: IndexSegment.allocate(depth: 0, size: IndexSegment.smallest))
  }

  deinit {
    var number = 0
    while number < size {
      let segment = unsafe directory[number]
      // Where a segment is less deep than the directory, a run of places names it.
      number += 1 << Int(depth - segment.depth)
      segment.deallocate()
    }
    unsafe directory.deallocate()
  }

  /// The half of a hash that is kept.
  @inline(__always)
  static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) }

  @inline(__always)
  private func number(_ tag: UInt32) -> Int { Int((UInt64(tag) << UInt64(depth)) >> 32) }

  @inline(__always)
  private func segment(_ tag: UInt32) -> IndexSegment { unsafe directory[number(tag)] }

  /// Asks for the memory that a lookup of `tag` begins with.
  @inline(__always)
  func prefetch(_ tag: UInt32) {
    let segment = segment(tag)
    unsafe tcpstated_prefetch(segment.entries + segment.home(tag))
  }

  /// The first slot with this tag that `isIt`.
  @inline(__always)
  func find(_ tag: UInt32, _ isIt: (Slot) -> Bool) -> Slot? {
    let segment = segment(tag)
    var position = segment.home(tag)
    while true {
      let entry = unsafe segment.entries[position]
      if entry.isEmpty { return nil }
      if entry.tag == tag, isIt(entry.slot) { return entry.slot }
      position = segment.next(position)
    }
  }

  /// False when there is no room, which takes thousands of connections with nearly the same hash.
  mutating func insert(_ tag: UInt32, _ slot: Slot) -> Bool {
    while segment(tag).isFull, grow(tag) {}
    let segment = segment(tag)
    guard segment.hasRoom else { return false }
    segment.insert(IndexEntry(tag: tag, slot: slot))
    return true
  }

  mutating func remove(_ tag: UInt32, _ slot: Slot) {
    segment(tag).remove(tag, slot)
  }

  // MARK: Growth

  /// Makes room for `tag`; false when there cannot be more.
  private mutating func grow(_ tag: UInt32) -> Bool {
    let old = segment(tag)
    if let size = old.nextSize {
      let larger = IndexSegment.allocate(depth: old.depth, size: size)
      old.forEach { larger.insert($0) }
      replace(old, of: tag, by: larger, larger)
    } else {
      guard old.depth < Self.deepest else { return false }
      if old.depth == depth { doubleDirectory() }
      let low = IndexSegment.allocate(depth: old.depth + 1, size: IndexSegment.smallestHalf)
      let high = IndexSegment.allocate(depth: old.depth + 1, size: IndexSegment.smallestHalf)
      old.forEach { entry in
        let half = entry.tag << old.depth < 1 << 31 ? low : high
        half.insert(entry)
      }
      replace(old, of: tag, by: low, high)
    }
    return true
  }

  private mutating func replace(_ old: IndexSegment, of tag: UInt32, by low: IndexSegment, _ high: IndexSegment) {
    let run = 1 << Int(depth - old.depth)
    let start = number(tag) & ~(run - 1)
    for offset in 0..<run { unsafe directory[start + offset] = 2 * offset < run ? low : high }
    old.deallocate()
  }

  private mutating func doubleDirectory() {
    let doubled = UnsafeMutableBufferPointer<IndexSegment>.allocate(capacity: 2 * size)
    for number in 0..<2 * size {
      let segment = unsafe directory[number / 2]
      unsafe doubled.initializeElement(at: number, to: segment)
    }
    unsafe directory.deallocate()
    unsafe directory = doubled
    depth += 1
  }
}

/// One piece of the index, with what is known of it in front.
@safe
private struct IndexSegment {
  static let smallest = 4096
  private static let largest = 8000
  /// What half of a segment that is full at its largest goes into, with room for more.
  static let smallestHalf = 5120

  let entries: UnsafeMutablePointer<IndexEntry>
  private let header: UnsafeMutablePointer<Header>
  private let size: Int

  private struct Header {
    let depth: UInt32
    var count: Int
  }

  static func allocate(depth: UInt32, size: Int) -> IndexSegment {
    let entries = UnsafeMutablePointer<IndexEntry>.allocate(capacity: size)
    unsafe entries.initialize(repeating: .empty, count: size)
    let header = UnsafeMutablePointer<Header>.allocate(capacity: 1)
    unsafe header.initialize(to: Header(depth: depth, count: 0))
    return unsafe IndexSegment(entries: entries, header: header, size: size)
  }

  func deallocate() {
    unsafe entries.deallocate()
    unsafe header.deallocate()
  }

  var depth: UInt32 { unsafe header.pointee.depth }
  /// Beyond this many entries probes become long.
  var isFull: Bool { unsafe header.pointee.count >= size * 3 / 4 }
  /// One place stays empty, for a lookup to end at.
  var hasRoom: Bool { unsafe header.pointee.count < size - 1 }
  /// By a quarter; nil when it is to be split.
  var nextSize: Int? { size < Self.largest ? size / 4 * 5 : nil }

  @inline(__always)
  func home(_ tag: UInt32) -> Int { (Int(tag & 0xFFFF) &* size) >> 16 }

  @inline(__always)
  func next(_ position: Int) -> Int { position &+ 1 == size ? 0 : position &+ 1 }

  /// Steps from one position to another.
  private func distance(_ position: Int, to other: Int) -> Int {
    other >= position ? other - position : other - position + size
  }

  func insert(_ entry: IndexEntry) {
    var position = home(entry.tag)
    while unsafe !entries[position].isEmpty { position = next(position) }
    unsafe entries[position] = entry
    unsafe header.pointee.count += 1
  }

  func remove(_ tag: UInt32, _ slot: Slot) {
    var position = home(tag)
    while true {
      let entry = unsafe entries[position]
      if entry.isEmpty { return }
      if entry.slot == slot { break }
      position = next(position)
    }
    closeGap(at: position)
    unsafe header.pointee.count -= 1
  }

  /// Empties a place and moves up what probed past it, so that no tombstones are needed.
  private func closeGap(at position: Int) {
    var gap = position
    var probe = next(position)
    while true {
      let entry = unsafe entries[probe]
      if entry.isEmpty { break }
      if distance(home(entry.tag), to: probe) >= distance(gap, to: probe) {
        unsafe entries[gap] = entry
        gap = probe
      }
      probe = next(probe)
    }
    unsafe entries[gap] = .empty
  }

  func forEach(_ body: (IndexEntry) -> Void) {
    for position in 0..<size {
      let entry = unsafe entries[position]
      if !entry.isEmpty { body(entry) }
    }
  }
}

/// Eight bytes of the index.
private struct IndexEntry: BitwiseCopyable {
  let tag: UInt32
  private let slotPlusOne: UInt32

  static let empty = IndexEntry()

  init(tag: UInt32, slot: Slot) {
    self.tag = tag
    slotPlusOne = slot.rawValue &+ 1
  }

  private init() {
    tag = 0
    slotPlusOne = 0
  }

  var isEmpty: Bool { slotPlusOne == 0 }
  var slot: Slot { Slot(slotPlusOne &- 1) }
}
