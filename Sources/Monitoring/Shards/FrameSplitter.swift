internal import ConnectionTracking
internal import PacketDecoding

/// Says of frames what they are, and whose: each connection is of one share, both directions of it.
struct FrameSplitter {
  private let shares: Int
  private var segment = Segment.blank
  private(set) var tcpPackets = 0
  private(set) var icmpErrors = 0
  private(set) var undecoded = UndecodedCounts()

  init(shares: Int) { self.shares = max(shares, 1) }

  /// Gives frames that were read together to the shares whose they are.
  ///
  /// - Parameters:
  ///   - segments: which frames of the block hold one.
  ///   - first: the number in the block of the first of these.
  mutating func split(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    _ decoders: [FrameDecoder],
    _ segments: inout [Bool],
    _ parcels: borrowing FrameParcels,
    from first: Int
  ) {
    var segments = segments.mutableSpan
    let isEthernet = decoders.allSatisfy { $0.linkType == .ethernet }
    var index = 0
    while index < frames.count {
      if isEthernet { index = splitUsual(octets, frames, &segments, parcels, first, from: index) }
      guard index < frames.count else { break }
      let frame = frames[index]
      let owner = owner(octets.extracting(frame.range), frame, decoders[Int(frame.info.interface)])
      segments[first + index] = owner?.hasSegment ?? false
      if let owner { parcels.add(octets, frame, number: first + index, to: owner.share) }
      index += 1
    }
  }

  /// A loop that calls nothing, for Ethernet frames as long as they are usual ones.
  ///
  /// - Returns: the number of the first that is not.
  private mutating func splitUsual(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    _ segments: inout MutableSpan<Bool>,
    _ parcels: borrowing FrameParcels,
    _ base: Int,
    from first: Int
  ) -> Int {
    let shares = shares
    var index = first
    while index < frames.count {
      let frame = frames[index]
      guard let hash = ConnectionHash.ofUsual(octets, at: Int(frame.start), count: Int(frame.count)) else { break }
      segments[base &+ index] = true
      parcels.add(octets, frame, number: base &+ index, to: Self.share(hash, of: shares))
      index &+= 1
    }
    tcpPackets += index - first
    return index
  }

  /// Nil if it is nobody's.
  @inline(never)
  private mutating func owner(_ frame: RawSpan, _ record: FrameRecord, _ decoder: FrameDecoder) -> FrameOwner? {
    if let hash = decoder.connectionHash(frame, wireLength: record.info.wireLength) {
      tcpPackets += 1
      return FrameOwner(share: Self.share(hash, of: shares), hasSegment: true)
    }
    do {
      switch try decoder.decode(frame, wireLength: record.info.wireLength, into: &segment) {
      case .segment:
        tcpPackets += 1
        return FrameOwner(share: Self.share(segment.connectionHash, of: shares), hasSegment: true)
      case .icmpError:
        icmpErrors += 1
        return FrameOwner(share: Self.share(segment.connectionHash, of: shares), hasSegment: false)
      case .laterFragment, .other: return nil
      }
    } catch {
      undecoded[error] += 1
      return nil
    }
  }

  @inline(__always)
  private static func share(_ hash: UInt64, of shares: Int) -> Int {
    Int(truncatingIfNeeded: ((hash >> 32) &* UInt64(truncatingIfNeeded: shares)) >> 32)
  }
}

/// Whose a frame is: that of a segment, or of an ICMP error.
struct FrameOwner {
  var share: Int
  var hasSegment: Bool
}
