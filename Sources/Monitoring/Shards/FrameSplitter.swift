internal import ConnectionTracking
internal import PacketDecoding

/// Says of frames what they are, and whose: each connection is of one share, both directions of it.
struct FrameSplitter {
  private let shares: Int
  private var segment = Segment.blank
  private(set) var tcpPackets = 0
  private(set) var icmpErrors = 0
  private(set) var undecoded = UndecodedCounts()
  /// Frames that were read together, by share: those of one after those of the other, and where each one's begin and
  /// end.
  private var indices: [UInt32] = []
  private var begins: [Int]
  private var ends: [Int]

  init(shares: Int) {
    self.shares = max(shares, 1)
    begins = Array(repeating: 0, count: self.shares)
    ends = begins
  }

  /// Says of frames that were read together whose they are.
  ///
  /// - Parameters:
  ///   - owners: of all frames of the block.
  ///   - first: the number in the block of the first of these.
  mutating func split(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    _ decoders: [FrameDecoder],
    _ owners: inout [FrameOwner],
    from first: Int
  ) {
    var counts: [Int] = []
    swap(&counts, &ends)
    for share in counts.indices { counts[share] = 0 }
    assign(octets, frames, decoders, &owners, from: first, &counts)
    swap(&counts, &ends)
    sort(owners.span.extracting(first..<first + frames.count))
  }

  private mutating func assign(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    _ decoders: [FrameDecoder],
    _ owners: inout [FrameOwner],
    from first: Int,
    _ counts: inout [Int]
  ) {
    let isEthernet = decoders.allSatisfy { $0.linkType == .ethernet }
    var owners = owners.mutableSpan
    var counts = counts.mutableSpan
    var usual = 0
    for index in frames.indices {
      let record = frames[index]
      let frame = octets.extracting(record.range)
      if isEthernet, let hash = ConnectionHash.ofUsual(frame) {
        let share = share(hash)
        owners[first + index] = FrameOwner(ofSegment: share)
        counts[share] += 1
        usual += 1
      } else {
        let owner = owner(frame, record, decoders[Int(record.info.interface)])
        owners[first + index] = owner
        if let share = owner.share { counts[share] += 1 }
      }
    }
    tcpPackets += usual
  }

  @inline(never)
  private mutating func owner(_ frame: RawSpan, _ record: FrameRecord, _ decoder: FrameDecoder) -> FrameOwner {
    if let hash = decoder.connectionHash(frame, wireLength: record.info.wireLength) {
      tcpPackets += 1
      return FrameOwner(ofSegment: share(hash))
    }
    do {
      switch try decoder.decode(frame, wireLength: record.info.wireLength, into: &segment) {
      case .segment:
        tcpPackets += 1
        return FrameOwner(ofSegment: share(segment.connectionHash))
      case .icmpError:
        icmpErrors += 1
        return FrameOwner(ofICMPError: share(segment.connectionHash))
      case .laterFragment, .other: return .nobody
      }
    } catch {
      undecoded[error] += 1
      return .nobody
    }
  }

  @inline(__always)
  private func share(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: ((hash >> 32) &* UInt64(truncatingIfNeeded: shares)) >> 32)
  }

  /// Once it is counted how many each share has.
  private mutating func sort(_ owners: Span<FrameOwner>) {
    if indices.count < owners.count { indices += Array(repeating: 0, count: owners.count - indices.count) }
    var begin = 0
    for share in ends.indices {
      begins[share] = begin
      begin += ends[share]
      ends[share] = begins[share]
    }
    Self.place(owners, in: &indices, &ends)
  }

  private static func place(_ owners: Span<FrameOwner>, in indices: inout [UInt32], _ ends: inout [Int]) {
    var indices = indices.mutableSpan
    var ends = ends.mutableSpan
    for index in owners.indices {
      guard let share = owners[index].share else { continue }
      let place = ends[share]
      indices[place] = UInt32(truncatingIfNeeded: index)
      ends[share] = place + 1
    }
  }

  /// Which of the frames are of a share.
  func withIndices(of share: Int, _ body: (Span<UInt32>) -> Void) {
    body(indices.span.extracting(begins[share]..<ends[share]))
  }
}
