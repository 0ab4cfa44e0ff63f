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
    shares.clear(frames: content.count)
    unsafe content.octets.withUnsafeBytes { octets in
      let octets = unsafe octets.bytes
      let frames = content.frames.span
      for number in 0..<content.count {
        let record = frames[number]
        let decoder = content.decoders[Int(record.info.interface)]
        let frame = octets.extracting(record.range)
        if let hash = decoder.connectionHash(frame, wireLength: record.info.wireLength) {
          tcpPackets += 1
          shares.add(number, to: share(hash), as: .segment)
        } else {
          switch decode(frame, record, decoder) {
          case .other: shares.addOther(number)
          case let kind: shares.add(number, to: share(segment.connectionHash), as: kind)
          }
        }
      }
    }
  }

  @inline(never)
  private mutating func decode(_ frame: RawSpan, _ record: FrameRecord, _ decoder: FrameDecoder) -> BlockShares.Kind {
    do {
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

  @inline(__always)
  private func share(_ hash: UInt64) -> Int { Int(((hash >> 32) &* shares) >> 32) }
}
