internal import ConnectionTracking
package import PacketDecoding

/// Takes frames as they are read, tells the time, and gives each share its own: all that has to be done in their order.
package struct FrameReader {
  private var splitter: FrameSplitter
  private var nextSample: Instant?
  private var clock: Instant?
  package private(set) var packets = 0
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
    add(octets, frames, decoders, to: &block.content, block.parcels)
  }

  private mutating func add(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    _ decoders: [FrameDecoder],
    to content: inout BlockContent,
    _ parcels: borrowing FrameParcels
  ) {
    let first = content.add(frames)
    content.decoders = decoders
    packets += frames.count
    var index = 0
    while index < frames.count {
      index = goOn(frames, from: index)
      guard index < frames.count else { break }
      note(frames[index].info.timestamp, at: first + index, in: &content)
      index += 1
    }
    // Of times that go on, none is before the first or after what the clock shows: the rest were noted.
    span.note(frames[0].info.timestamp)
    if let clock { span.note(Timestamp(nanoseconds: clock.nanoseconds)) }
    splitter.split(octets, frames, decoders, &content.segments, parcels, from: first)
  }

  /// Takes the times of frames for as long as they go on, and no sample is due.
  ///
  /// - Returns: the number of the first frame after them.
  private mutating func goOn(_ frames: Span<FrameRecord>, from first: Int) -> Int {
    guard var last = clock, let sample = nextSample else { return first }
    var index = first
    while index < frames.count {
      let time = Instant(nanoseconds: frames[index].info.timestamp.nanoseconds)
      guard time >= last, time < sample else { break }
      last = time
      index &+= 1
    }
    clock = last
    return index
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
