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
    let first = content.add(octets, frames)
    packets += frames.count
    var isPlain = content.isInOrder
    for index in frames.indices {
      let captured = frames[index].info.timestamp
      let time = Instant(nanoseconds: captured.nanoseconds)
      if isPlain, let last = clock, let sample = nextSample, time >= last, time < sample {
        clock = time
      } else {
        note(captured, at: first + index, in: &content)
        isPlain = content.isInOrder
      }
    }
    // While time goes on, no other is the first or the last.
    guard isPlain, !frames.isEmpty else { return }
    span.note(frames[0].info.timestamp)
    span.note(frames[frames.count - 1].info.timestamp)
  }

  /// A sample is due, or the packets' time goes back somewhere in the block.
  @inline(never)
  private mutating func note(_ captured: Timestamp, at number: Int, in content: inout BlockContent) {
    let moment = packetTime(captured)
    if moment >= nextSample ?? moment {
      content.ticks.append(BlockContent.Tick(frame: UInt32(number), due: nextSample, now: moment))
      nextSample = moment + Seconds(1)
    }
    span.note(captured)
    content.note(moment, at: number)
  }

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
