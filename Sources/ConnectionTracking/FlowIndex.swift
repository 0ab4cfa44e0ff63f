internal import PacketDecoding

/// From hashes of keys to slots: eight bytes an entry, half hash and half slot, so that a lookup reads a connection
/// only when its hash agrees, and growing reads none.
///
/// One array of buckets, each of them a cache line with room for eight entries. Which one an entry belongs to follows from
/// its hash and the array's size; it stands there, or in the first behind that had room. Nearly always a lookup, and a
/// change too, ends in the line where it begins, and no branch depends on where in it an entry is.
///
/// An entry is never further from where it belongs than there are full buckets, and so much is reserved: that is what
/// makes it safe.
@safe
struct FlowIndex: ~Copyable {
  let memory: ReservedArray<IndexLine>
  /// How many entries there may be: few where the kernel refuses address space for as many as were wanted.
  let capacity: Int
  /// As many buckets as `capacity` entries need.
  let largest: UInt64
  /// When it grows, it is to this size if it can be.
  var likely = FlowIndex.smallest
  var count = 0
  /// How many buckets there are. Tags from `boundary` on stand where they belong in an array of size `grown`, the others
  /// as in one of `size`. The two are the same unless it grows.
  var size = FlowIndex.smallest
  var grown = FlowIndex.smallest
  var boundary: UInt64 = 0

  /// An entry, when every other place is empty.
  static let bytesPerConnection = 16

  /// - Parameter wanted: the most entries there will be.
  init(capacity wanted: Int) {
    let memory = ReservedArray<IndexLine>(capacity: Self.buckets(wanted), orFewer: Self.buckets(FlowMemory.fewest))
    capacity = memory.capacity < Self.buckets(wanted) ? min(wanted, FlowMemory.fewest) : wanted
    largest = Self.size(for: capacity)
    self.memory = memory
  }

  /// With those that may be needed behind the last, if all entries belong there.
  private static func buckets(_ capacity: Int) -> Int { Int(size(for: capacity)) + capacity / IndexBucket.places + 2 }

  @inline(__always)
  func bucket(_ number: Int) -> IndexBucket { unsafe IndexBucket(memory.start + number) }

  /// The half of a hash that is kept, and is never 0.
  @inline(__always)
  static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) | 1 }

  /// Where what has a tag belongs, for as long as nothing is added: for many lookups in a row.
  struct Places: BitwiseCopyable {
    fileprivate let size: UInt64
    fileprivate let grown: UInt64
    fileprivate let boundary: UInt64

    @inline(__always)
    func home(_ tag: UInt32) -> Int {
      FlowIndex.home(tag, UInt64(tag) >= boundary ? grown : size)
    }
  }

  @inline(__always)
  static func home(_ tag: UInt32, _ size: UInt64) -> Int { Int(truncatingIfNeeded: (UInt64(tag) &* size) >> 32) }

  var places: Places {
    @inline(__always) get { Places(size: size, grown: grown, boundary: boundary) }
  }

  // MARK: Lookup

  /// Asks for the memory that a lookup of `tag`, or a change, begins with.
  @inline(__always)
  func prefetch(_ tag: UInt32, _ places: Places) { memory.prefetchLine(places.home(tag)) }

  /// The first slot with this tag.
  ///
  /// Whether there is one, and at which place, is anybody's guess, a processor's too: no branch depends on it, unless
  /// entries went past the bucket.
  @inline(__always)
  func first(_ tag: UInt32, _ places: Places) -> Slot {
    var bucket = bucket(places.home(tag))
    var matches = bucket.matches(tag)
    while _slowPath(bucket.isPassed(without: matches)) {
      bucket = bucket.next
      matches = bucket.matches(tag)
    }
    return bucket.slot(matches)
  }

  /// The first slot with this tag that `isIt`.
  @inline(__always)
  func find(_ tag: UInt32, _ isIt: (Slot) -> Bool) -> Slot? {
    guard let (bucket, place) = place(of: tag, from: bucket(places.home(tag)), isIt) else { return nil }
    return bucket.slot(at: place)
  }

  /// Where it stands.
  ///
  /// - Parameter home: the bucket that it belongs to.
  @inline(__always)
  func place(
    of tag: UInt32,
    from home: IndexBucket,
    _ isIt: (Slot) -> Bool
  ) -> (bucket: IndexBucket, place: Int)? {
    var bucket = home
    while true {
      var matches = bucket.matches(tag)
      while matches != 0 {
        let place = matches.trailingZeroBitCount
        if isIt(bucket.slot(at: place)) { return (bucket, place) }
        matches &= matches &- 1
      }
      guard bucket.isPassed else { return nil }
      bucket = bucket.next
    }
  }
}
