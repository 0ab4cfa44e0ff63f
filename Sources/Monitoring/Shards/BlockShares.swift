internal import PacketDecoding

/// What the frames of a block are, and whose: by frame, and those of each share one after the other.
struct BlockShares {
  /// Of a frame: the number of the share, if it is anybody's, and whether it holds a segment.
  struct Owner: BitwiseCopyable {
    private var word: UInt16

    static var nobody: Owner { Owner(word: .max) }

    private init(word: UInt16) { self.word = word }

    @inline(__always)
    init(ofSegment share: Int) { word = UInt16(truncatingIfNeeded: share) }

    init(ofICMPError share: Int) { word = UInt16(truncatingIfNeeded: share) | Self.icmpError }

    @inline(__always)
    var hasSegment: Bool { word < Self.icmpError }

    @inline(__always)
    var share: Int? { word == .max ? nil : Int(word & ~Self.icmpError) }

    private static let icmpError: UInt16 = 0x8000
  }

  // Lists are as long as they were for any block.
  private(set) var owners: [Owner] = []
  private var frames: [FrameRecord] = []
  private var numbers: [UInt32] = []
  /// Where the frames of each share begin, and where the last one's end.
  private var begins: [Int]
  private var places: [Int]

  init(count: Int) {
    begins = Array(repeating: 0, count: count + 1)
    places = Array(repeating: 0, count: count)
  }

  /// Sorts frames by share.
  ///
  /// - Parameter own: says whose the frame of a number is.
  @inline(__always)
  mutating func take(_ all: Span<FrameRecord>, count: Int, _ own: (Int) -> Owner) {
    makeRoom(for: count)
    for share in places.indices { places[share] = 0 }
    Self.assign(&owners, &places, count: count, own)
    for share in places.indices {
      begins[share + 1] = begins[share] + places[share]
      places[share] = begins[share]
    }
    Self.place(all, owners, &frames, &numbers, &places, count: count)
  }

  private mutating func makeRoom(for count: Int) {
    let more = count - owners.count
    guard more > 0 else { return }
    owners += Array(repeating: .nobody, count: more)
    frames += Array(repeating: .none, count: more)
    numbers += Array(repeating: 0, count: more)
  }

  @inline(__always)
  private static func assign(
    _ owners: inout [Owner],
    _ counts: inout [Int],
    count: Int,
    _ own: (Int) -> Owner
  ) {
    var owners = owners.mutableSpan
    var counts = counts.mutableSpan
    for number in 0..<count {
      let owner = own(number)
      owners[number] = owner
      if let share = owner.share { counts[share] += 1 }
    }
  }

  private static func place(
    _ all: Span<FrameRecord>,
    _ owners: [Owner],
    _ frames: inout [FrameRecord],
    _ numbers: inout [UInt32],
    _ places: inout [Int],
    count: Int
  ) {
    let owners = owners.span
    var frames = frames.mutableSpan
    var numbers = numbers.mutableSpan
    var places = places.mutableSpan
    for number in 0..<count {
      guard let share = owners[number].share else { continue }
      let place = places[share]
      frames[place] = all[number]
      numbers[place] = UInt32(truncatingIfNeeded: number)
      places[share] = place + 1
    }
  }

  /// The frames of a share, and their numbers among all of the block.
  func withFrames(of share: Int, _ body: (Span<FrameRecord>, Span<UInt32>) -> Void) {
    let range = begins[share]..<begins[share + 1]
    body(frames.span.extracting(range), numbers.span.extracting(range))
  }
}
