internal import CPrefetch
internal import ConnectionTracking
internal import PacketDecoding

/// Says of frames what they are, and whose: each connection is of one share, both directions of it. It does not matter
/// which splitter takes which block.
struct FrameSplitter {
  private let shares: UInt64
  private var segment = Segment.blank
  private(set) var tcpPackets = 0
  private(set) var icmpErrors = 0
  private(set) var undecoded = UndecodedCounts()

  init(shares: Int) {
    self.shares = UInt64(max(shares, 1))
  }

  mutating func split(_ content: BlockContent, into shares: inout BlockShares) {
    let octets = unsafe content.octets.span.bytes
    let frames = content.frames.span
    let decoders = content.decoders.span
    shares.take(frames, count: content.count) { number in
      if number + Self.lookahead < content.count { octets.seek(frames[number + Self.lookahead].range.lowerBound) }
      let record = frames[number]
      let decoder = decoders[Int(record.info.interface)]
      let frame = octets.extracting(record.range)
      guard let hash = decoder.connectionHash(frame, wireLength: record.info.wireLength) else {
        return decode(frame, record, decoder)
      }
      tcpPackets += 1
      return BlockShares.Owner(ofSegment: share(hash))
    }
  }

  /// So many frames ahead.
  private static let lookahead = 8

  @inline(never)
  private mutating func decode(
    _ frame: RawSpan,
    _ record: FrameRecord,
    _ decoder: FrameDecoder
  ) -> BlockShares.Owner {
    do {
      switch try decoder.decode(frame, wireLength: record.info.wireLength, into: &segment) {
      case .segment:
        tcpPackets += 1
        return BlockShares.Owner(ofSegment: share(segment.connectionHash))
      case .icmpError:
        icmpErrors += 1
        return BlockShares.Owner(ofICMPError: share(segment.connectionHash))
      case .laterFragment, .other: return .nobody
      }
    } catch {
      undecoded[error] += 1
      return .nobody
    }
  }

  @inline(__always)
  private func share(_ hash: UInt64) -> Int { Int(((hash >> 32) &* shares) >> 32) }
}

extension RawSpan {
  /// Asks for the headers of the frame that begins there, which another thread has read.
  @inline(__always)
  func seek(_ start: Int) {
    guard start + Self.headers <= byteCount else { return }
    // Both addresses are in bounds, and only asked for.
    unsafe withUnsafeBytes { octets in
      unsafe tcpstated_prefetch_shared(octets.baseAddress.map { unsafe $0 + start })
      unsafe tcpstated_prefetch_shared(octets.baseAddress.map { unsafe $0 + start + Self.headers - 1 })
    }
  }

  /// Octets of Ethernet, IPv4 and TCP with the usual options.
  private static var headers: Int { 66 }
}
