internal import ConnectionTracking
package import PacketDecoding

/// Takes frames as they are read, and tells the time: all that has to be done in their order, before anybody knows
/// what they are.
package struct FrameReader {
  private var nextSample: Instant?
  private var clock: Instant?
  private(set) var packets = 0
  private(set) var span = CapturedSpan()
  private(set) var timeJumps = 0

  package init() {}

  /// Packet time that never goes back.
  package var packetNow: Instant? { clock }

  /// Takes frames that were read together.
  package mutating func take(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    decoders: [FrameDecoder],
    into block: FrameBlock
  ) {
    add(octets, frames, to: &block.content)
    block.content.decoders = decoders
  }

  private mutating func add(_ octets: RawSpan, _ frames: Span<FrameRecord>, to content: inout BlockContent) {
    let distance = content.append(octets, around: frames)
    let first = content.add(frames.count)
    for index in frames.indices {
      let record = frames[index]
      let moment = packetTime(record.info.timestamp)
      if moment >= nextSample ?? moment {
        content.ticks.append(BlockContent.Tick(frame: UInt32(first + index), due: nextSample, now: moment))
        nextSample = moment + Seconds(1)
      }
      span.note(record.info.timestamp)
      content.moments[first + index] = moment
      content.frames[first + index] = FrameRecord(
        start: record.range.lowerBound + distance,
        count: UInt32(truncatingIfNeeded: record.range.count),
        nanoseconds: record.info.timestamp.nanoseconds,
        wireLength: record.info.wireLength,
        interface: record.info.interface
      )
    }
    packets += frames.count
    content.handovers.append(UInt32(content.count))
  }

  @inline(__always)
  private mutating func packetTime(_ captured: Timestamp) -> Instant {
    let time = Instant(nanoseconds: captured.nanoseconds)
    let last = clock ?? time
    guard time > last else {
      clock = last
      return last
    }
    if time - last > FrameClock.longestGap { timeJumps += 1 }
    clock = time
    return time
  }
}
