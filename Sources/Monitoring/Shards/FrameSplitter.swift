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
    shares.clear()
    unsafe content.octets.withUnsafeBytes { octets in
      let octets = unsafe octets.bytes
      for (number, record) in content.frames.enumerated() {
        let kind = decode(octets, record, content.decoders[Int(record.info.interface)])
        shares.kinds.append(kind)
        if kind != .other { shares.own[share].append(UInt32(number)) }
      }
    }
  }

  private mutating func decode(_ octets: RawSpan, _ record: FrameRecord, _ decoder: FrameDecoder) -> BlockShares.Kind {
    do {
      let frame = octets.extracting(record.range)
      switch try decoder.decode(frame, wireLength: record.info.wireLength, into: &segment) {
      case .segment:
        tcpPackets += 1
        return .segment
      case .icmpError:
        icmpErrors += 1
        return .icmpError
      case .laterFragment, .other: return .other
      }
    } catch {
      undecoded[error] += 1
      return .other
    }
  }

  /// Of the segment decoded last: the same for both directions.
  private var share: Int {
    mutating get {
      let hash = Self.mix(segment.source) &+ Self.mix(segment.destination)
      return Int(((hash >> 32) &* shares) >> 32)
    }
  }

  private static func mix(_ end: Endpoint) -> UInt64 {
    var hash = end.address.high &* 0x9E37_79B9_7F4A_7C15 ^ end.address.low
    hash = (hash ^ UInt64(end.port) << 40 ^ hash >> 29) &* 0xBF58_476D_1CE4_E5B9
    return (hash ^ hash >> 32) &* 0x94D0_49BB_1331_11EB
  }
}
