internal import CPrefetch
internal import PacketDecoding

/// From hashes of keys to slots: eight bytes an entry, half hash and half slot, so that a lookup reads a connection only
/// when its hash agrees, and growing reads none.
///
/// Extendible hashing: a directory, by the upper bits of the hash, of segments that are open-addressed by the lower
/// bits. A segment that fills up is split in two, which takes microseconds; the table is never rehashed as a whole.
///
/// The pointers are private, and every position is masked to the size of its segment: that is what makes it safe.
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
    unsafe directory.initialize(repeating: IndexSegment.allocate(depth: 0))
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
    let entries = unsafe segment(tag).entries
    unsafe tcpstated_prefetch(entries + IndexSegment.home(tag))
  }

  /// The first slot with this tag that `isIt`.
  @inline(__always)
  func find(_ tag: UInt32, _ isIt: (Slot) -> Bool) -> Slot? {
    let entries = unsafe segment(tag).entries
    var position = IndexSegment.home(tag)
    while true {
      let entry = unsafe entries[position]
      if entry.isEmpty { return nil }
      if entry.tag == tag, isIt(entry.slot) { return entry.slot }
      position = (position &+ 1) & IndexSegment.mask
    }
  }

  /// False when there is no room, which takes thousands of connections with nearly the same hash.
  mutating func insert(_ tag: UInt32, _ slot: Slot) -> Bool {
    while segment(tag).isFull, split(tag) {}
    let segment = segment(tag)
    guard segment.hasRoom else { return false }
    segment.insert(IndexEntry(tag: tag, slot: slot))
    return true
  }

  mutating func remove(_ tag: UInt32, _ slot: Slot) {
    segment(tag).remove(tag, slot)
  }

  // MARK: Growth

  /// Splits the segment of `tag`; false when it is as deep as may be.
  private mutating func split(_ tag: UInt32) -> Bool {
    let old = segment(tag)
    guard old.depth < Self.deepest else { return false }
    if old.depth == depth { doubleDirectory() }
    let low = IndexSegment.allocate(depth: old.depth + 1)
    let high = IndexSegment.allocate(depth: old.depth + 1)
    old.forEach { entry in
      let half = entry.tag << old.depth < 1 << 31 ? low : high
      half.insert(entry)
    }
    let run = 1 << Int(depth - old.depth)
    let start = number(tag) & ~(run - 1)
    for offset in 0..<run { unsafe directory[start + offset] = offset < run / 2 ? low : high }
    old.deallocate()
    return true
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
  static let size = 4096
  static let mask = size - 1
  /// Beyond this many entries probes become long.
  private static let limit = size * 3 / 4

  let entries: UnsafeMutablePointer<IndexEntry>
  private let header: UnsafeMutablePointer<Header>

  private struct Header {
    let depth: UInt32
    var count: Int
  }

  static func allocate(depth: UInt32) -> IndexSegment {
    let entries = UnsafeMutablePointer<IndexEntry>.allocate(capacity: size)
    unsafe entries.initialize(repeating: .empty, count: size)
    let header = UnsafeMutablePointer<Header>.allocate(capacity: 1)
    unsafe header.initialize(to: Header(depth: depth, count: 0))
    return unsafe IndexSegment(entries: entries, header: header)
  }

  func deallocate() {
    unsafe entries.deallocate()
    unsafe header.deallocate()
  }

  var depth: UInt32 { unsafe header.pointee.depth }
  var isFull: Bool { unsafe header.pointee.count >= Self.limit }
  /// One place stays empty, for a lookup to end at.
  var hasRoom: Bool { unsafe header.pointee.count < Self.size - 1 }

  @inline(__always)
  static func home(_ tag: UInt32) -> Int { Int(tag) & mask }

  func insert(_ entry: IndexEntry) {
    var position = Self.home(entry.tag)
    while unsafe !entries[position].isEmpty { position = (position &+ 1) & Self.mask }
    unsafe entries[position] = entry
    unsafe header.pointee.count += 1
  }

  func remove(_ tag: UInt32, _ slot: Slot) {
    var position = Self.home(tag)
    while true {
      let entry = unsafe entries[position]
      if entry.isEmpty { return }
      if entry.slot == slot { break }
      position = (position &+ 1) & Self.mask
    }
    closeGap(at: position)
    unsafe header.pointee.count -= 1
  }

  /// Empties a place and moves up what probed past it, so that no tombstones are needed.
  private func closeGap(at position: Int) {
    var gap = position
    var probe = (position &+ 1) & Self.mask
    while true {
      let entry = unsafe entries[probe]
      if entry.isEmpty { break }
      if (probe &- Self.home(entry.tag)) & Self.mask >= (probe &- gap) & Self.mask {
        unsafe entries[gap] = entry
        gap = probe
      }
      probe = (probe &+ 1) & Self.mask
    }
    unsafe entries[gap] = .empty
  }

  func forEach(_ body: (IndexEntry) -> Void) {
    for position in 0..<Self.size {
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
