internal import ConnectionTracking
package import PacketDecoding

/// Reads frames in order, and says whose they are: each connection is of one share, both directions of it.
package struct FrameSplitter {
  private let shares: Int
  private var segment = Segment.blank
  private var nextSample: Instant?
  private var clock: Instant?
  private(set) var ingest = IngestCounters()
  private(set) var undecoded = UndecodedCounts()
  private(set) var span = CapturedSpan()
  private(set) var timeJumps = 0

  package init(shares: Int) {
    self.shares = max(shares, 1)
  }

  /// Packet time that never goes back.
  package var packetNow: Instant? { clock }

  /// Takes frames that were read together.
  package mutating func take(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    decoders: [FrameDecoder],
    into block: FrameBlock
  ) {
    block.decoders = decoders
    for index in frames.indices { take(octets, frames[index], decoders, into: block) }
    block.handovers.append(UInt32(block.frames.count))
  }

  private mutating func take(
    _ octets: RawSpan,
    _ record: FrameRecord,
    _ decoders: [FrameDecoder],
    into block: FrameBlock
  ) {
    let frame = octets.extracting(record.range)
    let moment = packetTime(record.info.timestamp)
    let number = UInt32(block.frames.count)
    let kind = decode(frame, record.info, decoders[Int(record.info.interface)])
    if moment >= nextSample ?? moment {
      block.ticks.append(FrameBlock.Tick(frame: number, due: nextSample, now: moment))
      nextSample = moment + Seconds(1)
    }
    block.moments.append(moment)
    block.kinds.append(kind)
    if kind != .other {
      block.own[share].append(number)
      block.append(frame, record.info)
    } else {
      block.append(RawSpan(), record.info)
    }
  }

  private mutating func decode(_ frame: RawSpan, _ info: FrameInfo, _ decoder: FrameDecoder) -> FrameBlock.Kind {
    ingest.packets += 1
    span.note(info.timestamp)
    do {
      switch try decoder.decode(frame, wireLength: info.wireLength, into: &segment) {
      case .segment:
        ingest.tcpPackets += 1
        return .segment
      case .icmpError:
        ingest.icmpErrors += 1
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
    let hash = Self.mix(segment.source) &+ Self.mix(segment.destination)
    return Int((hash >> 32) % UInt64(shares))
  }

  private static func mix(_ end: Endpoint) -> UInt64 {
    var hash = end.address.high &* 0x9E37_79B9_7F4A_7C15 ^ end.address.low
    hash = (hash ^ UInt64(end.port) << 40 ^ hash >> 29) &* 0xBF58_476D_1CE4_E5B9
    return (hash ^ hash >> 32) &* 0x94D0_49BB_1331_11EB
  }

  private mutating func packetTime(_ captured: Timestamp) -> Instant {
    let time = Instant(nanoseconds: captured.nanoseconds)
    let last = clock ?? time
    guard time > last else {
      clock = last
      return last
    }
    if time - last > Monitor.longestGap { timeJumps += 1 }
    clock = time
    return time
  }
}
