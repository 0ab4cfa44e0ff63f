internal import ConnectionTracking
internal import PacketDecoding

/// A share's frames of a block, a batch at a time.
extension Shard {
  /// Takes as many as fit into a batch, and at most one that is no segment.
  mutating func take(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    _ numbers: Span<UInt32>,
    from position: inout Int,
    _ content: BlockContent
  ) {
    let first = position
    let stop = decode(octets, frames, numbers, from: &position, content)
    switch stop {
    case .none: drain(numbers.extracting(first..<position), content, octets)
    case .content(.icmpError(let kind, _)):
      let quoted = batch.decoded
      drain(numbers.extracting(first..<position), content, octets)
      noteICMPError(kind, quoted, numbers[position], frames[position].info.interface, content)
      position += 1
    case .content, .error:
      drain(numbers.extracting(first..<position), content, octets)
      position += 1
    }
  }

  /// Fills the batch, which is empty.
  private mutating func decode(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    _ numbers: Span<UInt32>,
    from position: inout Int,
    _ content: BlockContent
  ) -> DecodingStop {
    let interface = Int(frames[position].info.interface)
    // Packets' time goes on, or stands still for each frame at what it is by then.
    var clock = FrameClock(since: frames[position].info.timestamp)
    var end = frames.count
    if !content.isInOrder {
      clock = FrameClock(at: content.moments[Int(numbers[position])])
      end = position + 1
    }
    return tracker.decode(
      octets,
      frames.extracting(first: end),
      from: &position,
      interface: UInt8(clamping: interface),
      &clock,
      with: content.decoders[interface],
      stoppingAt: PortHints(),
      into: &batch
    )
  }

  @inline(never)
  private mutating func noteICMPError(
    _ kind: ICMPError.Kind,
    _ quoted: Segment,
    _ number: UInt32,
    _ interface: UInt16,
    _ content: BlockContent
  ) {
    goOn(to: Int(number), content)
    told.begin(frame: number, step: ShardEvent.Step.icmpError)
    tracker.noteICMPError(kind, quoting: quoted, interface: UInt8(clamping: interface), observer: &told)
  }

  /// Takes the segments of the batch, and what is due between them.
  private mutating func drain(
    _ numbers: Span<UInt32>,
    _ content: BlockContent,
    _ octets: RawSpan
  ) {
    tracker.seek(&batch)
    while batch.next < numbers.count {
      let end = tick < content.ticks.count ? content.ticks[tick].now : Instant(nanoseconds: .max)
      tracker.receive(&batch, of: numbers, before: end, octets, observer: &told)
      if batch.next > 0 { cursor = max(cursor, Int(numbers[batch.next - 1]) + 1) }
      guard batch.next < numbers.count else { break }
      goOn(to: Int(numbers[batch.next]) + 1, content)
      tracker.receiveNext(&batch, numbers, octets, observer: &told)
    }
    batch.clear()
  }

  /// Meets the deadlines that are due at the frames before `end`, at the first segment or sample that makes them so.
  mutating func goOn(to end: Int, _ content: BlockContent) {
    while tick < content.ticks.count, Int(content.ticks[tick].frame) < end {
      let sample = content.ticks[tick]
      meetDeadlines(before: Int(sample.frame), content)
      sample.forEachMoment { step, moment in
        told.begin(frame: sample.frame, step: step)
        tracker.advance(to: moment, observer: &told)
      }
      tick += 1
    }
    meetDeadlines(before: end, content)
  }

  private mutating func meetDeadlines(before end: Int, _ content: BlockContent) {
    guard end > cursor else { return }
    let last = content.moments[end - 1]
    while last >= tracker.dueNext {
      let due = tracker.dueNext
      while cursor < end, !content.segments[cursor] || content.moments[cursor] < due { cursor += 1 }
      guard cursor < end else { return }
      told.begin(frame: UInt32(cursor), step: ShardEvent.Step.deadlines)
      tracker.advance(to: content.moments[cursor], observer: &told)
      cursor += 1
    }
    cursor = end
  }
}
