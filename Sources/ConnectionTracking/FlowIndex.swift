internal import PacketDecoding

/// From hashes of keys to slots: eight bytes an entry, half hash and half slot, so that a lookup reads a connection
/// only when its hash agrees, and growing reads none.
///
/// One array with gaps, in the order of hashes. Where an entry belongs follows from its hash and the array's size; it
/// stands there, or right after others that are not larger. A lookup ends at the first that is larger.
///
/// The array grows by half, or towards what is expected, a few entries with each connection that comes: from the end
/// downwards they move to where they belong in the larger one. They never all move at once, and no directory is read
/// before a lookup.
///
/// An entry is never further from where it belongs than there are entries, and so much is reserved: that is what makes
/// it safe.
@safe
struct FlowIndex: ~Copyable {
  private let memory: ReservedArray<IndexEntry>
  /// How many entries there may be: few where the kernel refuses address space for as many as were wanted.
  let capacity: Int
  private let largest: UInt64
  /// When it grows, it is to this size at least.
  private var likely = FlowIndex.smallest
  private(set) var count = 0
  /// Hashes from `boundary` on stand where they belong in an array of size `grown`, the others as in one of `size`. The
  /// two are the same unless it grows.
  private(set) var size = FlowIndex.smallest
  private(set) var grown = FlowIndex.smallest
  private var boundary: UInt64 = 0

  /// An entry, when every other place is empty.
  static let bytesPerConnection = 16

  private static let smallest: UInt64 = 4096
  /// For so many it is not much too large if fewer come after all.
  private static let mostExpected = 1 << 20
  /// It becomes at most so many times larger: what is expected after more have come is nearer to what comes. Where it is
  /// small, being too large takes little.
  private static func leap(_ size: UInt64) -> UInt64 { size <= 1 << 15 ? 8 : 2 }
  /// With each connection: growth ends long before the next one begins.
  private static let movedAtOnce = 8
  /// Empty places are passed over as well, when many connections have left.
  private static let passedAtOnce = 64

  /// Seldom does a change reach further.
  private static let usualRun = 7

  /// - Parameter wanted: the most entries there will be.
  init(capacity wanted: Int) {
    let memory = ReservedArray<IndexEntry>(capacity: Self.places(wanted), orFewer: Self.places(FlowMemory.fewest))
    capacity = memory.capacity < Self.places(wanted) ? min(wanted, FlowMemory.fewest) : wanted
    largest = Self.size(for: capacity)
    self.memory = memory
  }

  @inline(__always)
  private var entries: UnsafeMutablePointer<IndexEntry> { unsafe memory.start }

  private static func places(_ capacity: Int) -> Int { Int(size(for: capacity)) + capacity + 1 }

  private static func size(for count: Int) -> UInt64 {
    var size = smallest
    while room(size) < count { size = next(size) }
    return size
  }

  /// The half of a hash that is kept.
  @inline(__always)
  static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) }

  /// Where what has a tag belongs, for as long as nothing is added: for many lookups in a row.
  struct Places: BitwiseCopyable {
    fileprivate let size: UInt64
    fileprivate let grown: UInt64
    fileprivate let boundary: UInt64

    @inline(__always)
    fileprivate func home(_ tag: UInt32) -> Int {
      let size = UInt64(tag) >= boundary ? grown : size
      return Int(truncatingIfNeeded: (UInt64(tag) &* size) >> 32)
    }
  }

  var places: Places {
    @inline(__always) get { Places(size: size, grown: grown, boundary: boundary) }
  }

  /// Where what has this tag belongs.
  @inline(__always)
  private func home(_ tag: UInt32) -> Int { places.home(tag) }

  // MARK: Lookup

  /// Asks for the memory that a lookup of `tag` begins with.
  @inline(__always)
  func prefetch(_ tag: UInt32, _ places: Places) { memory.prefetchLine(places.home(tag)) }

  /// The same of what comes behind: a change goes on to the next empty place, which is often in the next line.
  @inline(__always)
  func prefetchRun(_ tag: UInt32) { memory.prefetchLine(home(tag) &+ Self.usualRun) }

  /// The first slot with this tag.
  @inline(__always)
  func first(_ tag: UInt32, _ places: Places) -> Slot { Self.slot(firstNumber(tag, places)) }

  /// That of a number, of which all that is too large stands for none.
  @inline(__always)
  static func slot(_ number: UInt64) -> Slot {
    Slot(UInt32(truncatingIfNeeded: min(number, UInt64(Slot.none.rawValue))))
  }

  /// The number of the first slot with this tag; a larger one than any has when there is none.
  ///
  /// How far from where it belongs an entry stands, up to some places, is anybody's guess, a processor's too: no branch
  /// depends on it.
  @inline(__always)
  func firstNumber(_ tag: UInt32, _ places: Places) -> UInt64 {
    var position = places.home(tag)
    unsafe position &+= entries[position].isBefore(tag) ? 1 : 0
    unsafe position &+= entries[position].isBefore(tag) ? 1 : 0
    unsafe position &+= entries[position].isBefore(tag) ? 1 : 0
    unsafe position &+= entries[position].isBefore(tag) ? 1 : 0
    while unsafe _slowPath(entries[position].isBefore(tag)) { position &+= 1 }
    return unsafe entries[position].number(of: tag)
  }

  /// The first slot with this tag that `isIt`.
  @inline(__always)
  func find(_ tag: UInt32, _ isIt: (Slot) -> Bool) -> Slot? {
    var position = position(of: tag)
    while true {
      let entry = unsafe entries[position]
      guard entry.tag == tag, !entry.isEmpty else { return nil }
      if isIt(entry.slot) { return entry.slot }
      position += 1
    }
  }

  /// That of the first entry with this tag, or where it would be.
  @inline(__always)
  private func position(of tag: UInt32) -> Int {
    var position = home(tag)
    while unsafe entries[position].isBefore(tag) { position &+= 1 }
    return position
  }

  // MARK: Change

  mutating func insert(_ tag: UInt32, _ slot: Slot) {
    if size != grown {
      move()
    } else if count >= Self.room(size), size < largest {
      grown = max(Self.next(size), min(likely, size * Self.leap(size)))
      memory.noteUse(of: Int(size)..<Int(grown))
      boundary = 1 << 32
    }
    place(IndexEntry(tag: tag, slot: slot), from: home(tag))
    count &+= 1
  }

  /// The same as taking one out and adding another at its slot.
  @inline(__always)
  mutating func replace(_ former: UInt32, by tag: UInt32, _ slot: Slot) {
    guard size == grown, let position = position(of: former, slot) else { return replaceSlowly(former, by: tag, slot) }
    close(position) { tag in Int(truncatingIfNeeded: (UInt64(tag) &* size) >> 32) }
    place(IndexEntry(tag: tag, slot: slot), from: Int(truncatingIfNeeded: (UInt64(tag) &* size) >> 32))
  }

  /// While it grows, or when the former is not there.
  @inline(never)
  private mutating func replaceSlowly(_ former: UInt32, by tag: UInt32, _ slot: Slot) {
    remove(former, slot)
    insert(tag, slot)
  }

  mutating func remove(_ tag: UInt32, _ slot: Slot) {
    guard let position = position(of: tag, slot) else { return }
    if size == grown {
      close(position) { tag in Int(truncatingIfNeeded: (UInt64(tag) &* size) >> 32) }
    } else {
      close(position) { tag in home(tag) }
    }
    count &-= 1
  }

  @inline(__always)
  private func position(of tag: UInt32, _ slot: Slot) -> Int? {
    let wanted = IndexEntry(tag: tag, slot: slot)
    var position = firstNotBefore(tag, from: home(tag))
    while true {
      let entry = unsafe entries[position]
      if entry.isSame(as: wanted) { return position }
      guard entry.standsNotBehind(tag) else { return nil }
      position &+= 1
    }
  }

  /// The first place from `home` on where nothing stands with a smaller tag. How many such there are is anybody's guess:
  /// of the first few, no branch depends on it.
  @inline(__always)
  private func firstNotBefore(_ tag: UInt32, from home: Int) -> Int {
    let first = unsafe entries[home].isBefore(tag) ? 1 : 0
    let second = unsafe entries[home &+ 1].isBefore(tag) ? 1 : 0
    var position = home &+ first &+ second
    while unsafe _slowPath(entries[position].isBefore(tag)) { position &+= 1 }
    return position
  }

  /// Puts an entry among the others; what is larger moves on by one, up to the next empty place.
  ///
  /// - Parameter home: where it belongs.
  @inline(__always)
  private func place(_ entry: IndexEntry, from home: Int) {
    var position = firstNotBefore(entry.tag, from: home)
    var moved = entry
    while true {
      let other = unsafe entries[position]
      unsafe entries[position] = moved
      if other.isEmpty { return }
      moved = other
      position &+= 1
    }
  }

  /// Empties a place and moves back what stands after it for want of a better one.
  @inline(__always)
  private func close(_ position: Int, _ home: (UInt32) -> Int) {
    var gap = position
    while true {
      let next = unsafe entries[gap &+ 1]
      if next.isEmpty || home(next.tag) > gap { break }
      unsafe entries[gap] = next
      gap &+= 1
    }
    unsafe entries[gap] = .empty
  }

  // MARK: Growth

  /// So many there will be: when it grows, it is for as many at once.
  mutating func expect(_ count: Int) { likely = Self.size(for: min(count, capacity, Self.mostExpected)) }

  /// Beyond this many entries probes become long.
  private static func room(_ size: UInt64) -> Int { Int(size / 4 * 3) }

  private static func next(_ size: UInt64) -> UInt64 { size / 2 * 3 }

  /// Moves the last of those that have not been moved. Equal hashes move together: a lookup looks in one place.
  @inline(never)
  private mutating func move() {
    var position = Int(truncatingIfNeeded: (boundary &* size) >> 32)
    while unsafe !entries[position].isEmpty, unsafe UInt64(entries[position].tag) < boundary { position &+= 1 }
    let end = max(position &- Self.passedAtOnce, 0)
    var left = Self.movedAtOnce
    // The tag that was moved last.
    var last = boundary
    while position > 0 {
      let entry = unsafe entries[position &- 1]
      let isEqual = !entry.isEmpty && UInt64(entry.tag) == last
      if !isEqual, left <= 0 || position <= end { break }
      position &-= 1
      guard !entry.isEmpty else { continue }
      last = UInt64(entry.tag)
      takeLast(position)
      place(entry, from: Int(truncatingIfNeeded: (last &* grown) >> 32))
      left &-= 1
    }
    // What has not been moved stands before the position, and belongs there.
    boundary = min(last, ((UInt64(position) << 32) &+ size &- 1) / size)
    if position == 0 { size = grown }
  }

  /// Empties the place of the last that has not been moved. Those behind it were moved, and stand after their places or
  /// in them: they move back as far as there.
  @inline(__always)
  private func takeLast(_ position: Int) {
    close(position) { tag in Int(truncatingIfNeeded: (UInt64(tag) &* grown) >> 32) }
  }
}

/// Eight bytes of the index: zeros are an empty place, which comes after any tag.
struct IndexEntry: BitwiseCopyable {
  /// The complements of tag and slot.
  private let bits: UInt64

  static let empty = IndexEntry()

  @inline(__always)
  init(tag: UInt32, slot: Slot) {
    bits = ~(UInt64(tag) << 32 | UInt64(slot.rawValue))
  }

  private init() { bits = 0 }

  @inline(__always)
  var isEmpty: Bool { bits == 0 }

  @inline(__always)
  var tag: UInt32 { ~UInt32(truncatingIfNeeded: bits >> 32) }

  /// None of an empty one.
  @inline(__always)
  var slot: Slot { Slot(~UInt32(truncatingIfNeeded: bits)) }

  /// Whether something stands here, and has a smaller tag.
  @inline(__always)
  func isBefore(_ tag: UInt32) -> Bool { bits > Self.first(tag) }

  @inline(__always)
  func isSame(as other: IndexEntry) -> Bool { bits == other.bits }

  /// Whether something stands here, and has no larger tag. (None has all bits of a slot: that would be `none`.)
  @inline(__always)
  func standsNotBehind(_ tag: UInt32) -> Bool { bits > UInt64(~tag) << 32 }

  /// Of one that is not before this tag: that of its slot, if the tag is the same.
  @inline(__always)
  func number(of tag: UInt32) -> UInt64 {
    // Of a larger tag, 2^32 and more; of an empty one, that and no slot, or no slot alone.
    Self.first(tag) &- bits
  }

  /// The bits of the tag with slot 0: none of it has more.
  @inline(__always)
  private static func first(_ tag: UInt32) -> UInt64 { ~(UInt64(tag) << 32) }
}
