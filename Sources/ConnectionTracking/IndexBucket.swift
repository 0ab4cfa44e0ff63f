internal import CBuckets

/// What a bucket of the index takes: a cache line.
struct IndexLine: BitwiseCopyable {
  private var words = InlineArray<16, UInt32>(repeating: 0)
}

/// Eight places for entries of the index, which share a cache line: eight tags, which are compared at once, and the
/// numbers of eight slots, counted from 1. Zeros are an empty place: no tag is 0.
///
/// A bit that no number has, that of the last, tells whether entries went past this bucket, as it was full: it stays full
/// for as long as the bit is set. (Some of them may have left since.)
///
/// It is no more than where the bucket is. Who asks for a place has it from here: that is what makes it safe.
@safe
struct IndexBucket {
  private let start: UnsafeMutablePointer<UInt32>

  static let places = 8

  private static let passed: UInt32 = 1 << 31

  @inline(__always)
  init(_ line: UnsafeMutablePointer<IndexLine>) {
    unsafe start = UnsafeMutableRawPointer(line).assumingMemoryBound(to: UInt32.self)
  }

  @inline(__always)
  private var numbers: UnsafeMutablePointer<UInt32> { unsafe start + Self.places }

  @inline(__always)
  private var last: UnsafeMutablePointer<UInt32> { unsafe numbers + (Self.places - 1) }

  @inline(__always)
  var next: IndexBucket { unsafe IndexBucket(start: start + 2 * Self.places) }

  @inline(__always)
  private init(start: UnsafeMutablePointer<UInt32>) { unsafe self.start = start }

  @inline(__always)
  func isBehind(_ other: IndexBucket) -> Bool { unsafe start > other.start }

  // MARK: Lookup

  /// A bit for each place with this tag.
  @inline(__always)
  func matches(_ tag: UInt32) -> UInt32 { unsafe tcpstated_equal(start, tag) }

  /// A bit for each empty place.
  @inline(__always)
  var room: UInt32 { unsafe tcpstated_equal(numbers, 0) }

  @inline(__always)
  func tag(at place: Int) -> UInt32 { unsafe start[place] }

  /// None of an empty one.
  @inline(__always)
  func slot(at place: Int) -> Slot { unsafe Self.slot(numbers[place]) }

  /// That of the lowest bit; none where there is no bit. No branch depends on whether there is one.
  @inline(__always)
  func slot(_ matches: UInt32) -> Slot {
    let place = (matches | 1 << UInt32(Self.places - 1)).trailingZeroBitCount
    let none = UInt32(bitPattern: Int32(bitPattern: matches &- 1) >> 31)
    return unsafe Slot(Self.slot(numbers[place]).rawValue | none)
  }

  @inline(__always)
  private static func slot(_ number: UInt32) -> Slot { Slot((number & ~passed) &- 1) }

  /// Whether entries that belong here, or before, may stand behind.
  @inline(__always)
  var isPassed: Bool { unsafe last.pointee & Self.passed != 0 }

  /// The same, and there are no matches here.
  @inline(__always)
  func isPassed(without matches: UInt32) -> Bool { unsafe (matches &- 1) & last.pointee & Self.passed != 0 }

  // MARK: Change

  /// Puts an entry where nothing stands.
  @inline(__always)
  func put(_ tag: UInt32, _ slot: Slot, at place: Int) {
    unsafe start[place] = tag
    unsafe numbers[place] = slot.rawValue &+ 1
  }

  /// Puts an entry in the place of another.
  @inline(__always)
  func replace(_ place: Int, by tag: UInt32, _ slot: Slot) {
    unsafe start[place] = tag
    unsafe numbers[place] = numbers[place] & Self.passed | slot.rawValue &+ 1
  }

  @inline(__always)
  func clear(_ place: Int) {
    unsafe start[place] = 0
    unsafe numbers[place] = 0
  }

  @inline(__always)
  func markPassed() { unsafe last.pointee |= Self.passed }

  @inline(__always)
  func forgetPassed() { unsafe last.pointee &= ~Self.passed }
}
