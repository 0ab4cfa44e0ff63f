internal import ConnectionTracking
package import PacketDecoding

/// Takes frames as they are read, tells the time, and gives each share its own: all that has to be done in their order.
package struct FrameReader {
  private var splitter: FrameSplitter
  private var nextSample: Instant?
  private var clock: Instant?
  private(set) var packets = 0
  private(set) var span = CapturedSpan()
  private(set) var timeJumps = 0

  package init(shares: Int) { splitter = FrameSplitter(shares: shares) }

  /// Packet time that never goes back.
  package var packetNow: Instant? { clock }

  var tcpPackets: Int { splitter.tcpPackets }
  var icmpErrors: Int { splitter.icmpErrors }
  var undecoded: UndecodedCounts { splitter.undecoded }

  /// Takes frames that were read together.
  package mutating func take(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    decoders: [FrameDecoder],
    into block: FrameBlock
  ) {
    guard !frames.isEmpty else { return }
    let first = add(octets, frames, decoders, to: &block.content)
    for (number, share) in block.shares.enumerated() {
      splitter.withIndices(of: number) { share.parcel.add(octets, frames, $0, after: first) }
    }
  }

  /// - Returns: the number of the first in the block.
  private mutating func add(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    _ decoders: [FrameDecoder],
    to content: inout BlockContent
  ) -> Int {
    let first = content.add(frames)
    content.decoders = decoders
    packets += frames.count
    for index in frames.indices {
      let captured = frames[index].info.timestamp
      let time = Instant(nanoseconds: captured.nanoseconds)
      if let last = clock, let sample = nextSample, time >= last, time < sample {
        clock = time
      } else {
        note(captured, at: first + index, in: &content)
      }
    }
    // Of times that go on, none is before the first or after what the clock shows: the rest were noted.
    span.note(frames[0].info.timestamp)
    if let clock { span.note(Timestamp(nanoseconds: clock.nanoseconds)) }
    splitter.split(octets, frames, decoders, &content.owners, from: first)
    return first
  }

  /// A sample is due, or the packets' time went back.
  @inline(never)
  private mutating func note(_ captured: Timestamp, at number: Int, in content: inout BlockContent) {
    let moment = packetTime(captured)
    if moment >= nextSample ?? moment {
      content.ticks.append(BlockContent.Tick(frame: UInt32(number), due: nextSample, now: moment))
      nextSample = moment + Seconds(1)
    }
    span.note(captured)
    content.set(moment, at: number)
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
