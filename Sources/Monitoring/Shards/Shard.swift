internal import ConnectionTracking
internal import PacketDecoding

/// One share of all connections: its tracker, which tells what happens to them at which frame. One thread owns it.
package struct Shard: ~Copyable {
  var tracker: Tracker
  private let number: Int
  private var batch: ArrivalBatch
  /// Where the segments of the batch come from.
  private var positions: [UInt32] = []
  /// What came before these frames and ticks is done.
  private var cursor = 0
  private var tick = 0
  private var connections: UInt32 = 0

  package init(_ settings: MonitorSettings, number: Int, of shares: Int) {
    var settings = settings
    // Whether the whole would shed some cannot be known here; a share that does says so.
    settings.tracker.capacity = max(settings.tracker.capacity / shares - 1, 1)
    settings.tracker.halfOpenCapacity = max(settings.tracker.halfOpenCapacity / shares - 1, 1)
    tracker = Tracker(settings: settings.tracker)
    self.number = number
    batch = ArrivalBatch(payloadLimit: settings.payloadLimit)
  }

  /// There was no room, and somebody had to go: with room for all together it may be somebody else.
  package var hasShed: Bool { tracker.evicted > 0 }

  /// Takes its frames of a block, and meets its deadlines at everybody's.
  package mutating func take(_ block: FrameBlock) {
    block.told[number].beginBlock(connections: connections)
    defer { connections = block.told[number].connections }
    (cursor, tick) = (0, 0)
    unsafe block.octets.withUnsafeBytes { octets in
      let octets = unsafe octets.bytes
      for frame in block.own[number] { take(frame, block, octets) }
      drain(block, octets)
    }
    goOn(to: block.frames.count, block)
  }

  private mutating func take(_ number: UInt32, _ block: FrameBlock, _ octets: RawSpan) {
    let record = block.frames[Int(number)]
    let interface = Int(record.info.interface)
    guard
      let content = try? tracker.decode(
        octets,
        record,
        interface: UInt8(clamping: interface),
        at: block.moments[Int(number)],
        with: block.decoders[interface],
        into: &batch
      )
    else { return }
    if case .icmpError(let kind, _) = content {
      let quoted = batch.decoded
      drain(block, octets)
      goOn(to: Int(number), block)
      block.told[self.number].begin(frame: number, step: ShardEvent.Step.icmpError)
      tracker.noteICMPError(
        kind,
        quoting: quoted,
        interface: UInt8(clamping: interface),
        observer: &block.told[self.number]
      )
      return
    }
    positions.append(number)
    if batch.isFull { drain(block, octets) }
  }

  private mutating func drain(_ block: FrameBlock, _ octets: RawSpan) {
    tracker.seek(&batch)
    for position in positions {
      goOn(to: Int(position) + 1, block)
      block.told[number].begin(frame: position, step: ShardEvent.Step.segment)
      tracker.receiveNext(&batch, octets, observer: &block.told[number])
    }
    positions.removeAll(keepingCapacity: true)
    batch.clear()
  }

  /// Meets the deadlines that are due at the frames before `end`, at the first segment or sample that makes them so.
  private mutating func goOn(to end: Int, _ block: FrameBlock) {
    while tick < block.ticks.count, Int(block.ticks[tick].frame) < end {
      let sample = block.ticks[tick]
      meetDeadlines(before: Int(sample.frame), block)
      sample.forEachMoment { step, moment in
        block.told[number].begin(frame: sample.frame, step: step)
        tracker.advance(to: moment, observer: &block.told[number])
      }
      tick += 1
    }
    meetDeadlines(before: end, block)
  }

  private mutating func meetDeadlines(before end: Int, _ block: FrameBlock) {
    guard end > cursor else { return }
    while block.moments[end - 1] >= tracker.dueNext {
      while cursor < end, block.kinds[cursor] != .segment || block.moments[cursor] < tracker.dueNext { cursor += 1 }
      guard cursor < end else { return }
      block.told[number].begin(frame: UInt32(cursor), step: ShardEvent.Step.deadlines)
      tracker.advance(to: block.moments[cursor], observer: &block.told[number])
      cursor += 1
    }
    cursor = end
  }
}
