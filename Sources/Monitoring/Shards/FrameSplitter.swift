internal import ConnectionTracking
internal import PacketDecoding

/// Says of frames what they are, and whose: each connection is of one share, both directions of it.
struct FrameSplitter {
  private let shares: Int
  private var segment = Segment.blank
  private(set) var tcpPackets = 0
  private(set) var icmpErrors = 0
  private(set) var undecoded = UndecodedCounts()

  init(shares: Int) { self.shares = min(max(shares, 1), FrameOwner.shareLimit) }

  /// Says of frames that were read together whose they are.
  ///
  /// - Parameters:
  ///   - owners: of all frames of the block.
  ///   - first: the number in the block of the first of these.
  mutating func split(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    _ decoders: [FrameDecoder],
    _ owners: inout MutableSpan<FrameOwner>,
    from first: Int
  ) {
    let isEthernet = decoders.allSatisfy { $0.linkType == .ethernet }
    var index = 0
    while index < frames.count {
      if isEthernet { index = splitUsual(octets, frames, &owners, first, from: index) }
      guard index < frames.count else { break }
      let record = frames[index]
      owners[first + index] = owner(octets.extracting(record.range), record, decoders[Int(record.info.interface)])
      index += 1
    }
  }

  /// A loop that calls nothing, for Ethernet frames as long as they are usual ones.
  ///
  /// - Returns: the number of the first that is not.
  private mutating func splitUsual(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    _ owners: inout MutableSpan<FrameOwner>,
    _ base: Int,
    from first: Int
  ) -> Int {
    let shares = shares
    var index = first
    while index < frames.count {
      let frame = frames[index]
      guard let hash = ConnectionHash.ofUsual(octets, at: Int(frame.start), count: Int(frame.count)) else { break }
      owners[base &+ index] = FrameOwner(ofSegment: Self.share(hash, of: shares))
      index &+= 1
    }
    tcpPackets += index - first
    return index
  }

  @inline(never)
  private mutating func owner(_ frame: RawSpan, _ record: FrameRecord, _ decoder: FrameDecoder) -> FrameOwner {
    if let hash = decoder.connectionHash(frame, wireLength: record.info.wireLength) {
      tcpPackets += 1
      return FrameOwner(ofSegment: Self.share(hash, of: shares))
    }
    do {
      switch try decoder.decode(frame, wireLength: record.info.wireLength, into: &segment) {
      case .segment:
        tcpPackets += 1
        return FrameOwner(ofSegment: Self.share(segment.connectionHash, of: shares))
      case .icmpError:
        icmpErrors += 1
        return FrameOwner(ofICMPError: Self.share(segment.connectionHash, of: shares))
      case .laterFragment, .other: return .nobody
      }
    } catch {
      undecoded[error] += 1
      return .nobody
    }
  }

  @inline(__always)
  private static func share(_ hash: UInt64, of shares: Int) -> Int {
    Int(truncatingIfNeeded: ((hash >> 32) &* UInt64(truncatingIfNeeded: shares)) >> 32)
  }
}
