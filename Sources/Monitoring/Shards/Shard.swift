internal import ConnectionTracking
internal import PacketDecoding

/// One share of all connections: its tracker, which tells what happens to them at which frame. One thread owns it.
package struct Shard: ~Copyable {
  var tracker: Tracker
  private let number: Int
  var splitter: FrameSplitter
  private var batch: ArrivalBatch
  /// Where the segments of the batch come from.
  private var positions: [UInt32] = []
  /// What came before these frames and ticks is done.
  private var cursor = 0
  private var tick = 0
  private(set) var memory = ShareMemory()

  package init(_ settings: MonitorSettings, number: Int, of shares: Int) {
    var settings = settings
    // Whether the whole would shed some cannot be known here; a share that does says so.
    settings.tracker.capacity = max(settings.tracker.capacity / shares - 1, 1)
    settings.tracker.halfOpenCapacity = max(settings.tracker.halfOpenCapacity / shares - 1, 1)
    settings.tracker.unansweredCapacity = max(settings.tracker.unansweredCapacity / shares - 1, 1)
    tracker = Tracker(settings: settings.tracker)
    self.number = number
    splitter = FrameSplitter(shares: shares)
    batch = ArrivalBatch(payloadLimit: settings.payloadLimit)
  }

  /// There was no room, and somebody had to go: with room for all together it may be somebody else.
  package var hasShed: Bool { tracker.evicted > 0 }

  /// Says of all frames of a block whose they are. Each block is split once, by any share.
  package mutating func split(_ block: FrameBlock) {
    var shares = BlockShares(count: 0)
    swap(&shares, &block.shares)
    splitter.split(block.content, into: &shares)
    swap(&shares, &block.shares)
  }

  /// Takes its frames of a block that was split, and meets its deadlines at everybody's.
  package mutating func take(_ block: FrameBlock) {
    let told = block.told[number]
    var events = EventRecorder(hearsOfLeaving: false)
    swap(&events, &told.events)
    events.beginBlock()
    swap(&events.memory, &memory)
    take(block.content, block.shares, &events)
    events.memory.frames += UInt64(block.content.frames.count)
    swap(&events.memory, &memory)
    swap(&events, &told.events)
  }

  private mutating func take(_ content: BlockContent, _ shares: BlockShares, _ told: inout EventRecorder) {
    (cursor, tick) = (0, 0)
    unsafe content.octets.withUnsafeBytes { octets in
      let octets = unsafe octets.bytes
      for frame in shares.own[number] { take(frame, octets, content, shares.kinds, &told) }
      drain(octets, content, shares.kinds, &told)
    }
    goOn(to: content.frames.count, content, shares.kinds, &told)
  }

  private mutating func take(
    _ number: UInt32,
    _ octets: RawSpan,
    _ content: BlockContent,
    _ kinds: [BlockShares.Kind],
    _ told: inout EventRecorder
  ) {
    let record = content.frames[Int(number)]
    let interface = Int(record.info.interface)
    guard
      let found = try? tracker.decode(
        octets,
        record,
        interface: UInt8(clamping: interface),
        at: content.moments[Int(number)],
        with: content.decoders[interface],
        into: &batch
      )
    else { return }
    if case .icmpError(let kind, _) = found {
      let quoted = batch.decoded
      drain(octets, content, kinds, &told)
      goOn(to: Int(number), content, kinds, &told)
      told.begin(frame: number, step: ShardEvent.Step.icmpError)
      tracker.noteICMPError(kind, quoting: quoted, interface: UInt8(clamping: interface), observer: &told)
      return
    }
    positions.append(number)
    if batch.isFull { drain(octets, content, kinds, &told) }
  }

  private mutating func drain(
    _ octets: RawSpan,
    _ content: BlockContent,
    _ kinds: [BlockShares.Kind],
    _ told: inout EventRecorder
  ) {
    tracker.seek(&batch)
    for position in positions {
      goOn(to: Int(position) + 1, content, kinds, &told)
      told.begin(frame: position, step: ShardEvent.Step.segment)
      tracker.receiveNext(&batch, octets, observer: &told)
    }
    positions.removeAll(keepingCapacity: true)
    batch.clear()
  }

  /// Meets the deadlines that are due at the frames before `end`, at the first segment or sample that makes them so.
  private mutating func goOn(
    to end: Int,
    _ content: BlockContent,
    _ kinds: [BlockShares.Kind],
    _ told: inout EventRecorder
  ) {
    while tick < content.ticks.count, Int(content.ticks[tick].frame) < end {
      let sample = content.ticks[tick]
      meetDeadlines(before: Int(sample.frame), content, kinds, &told)
      sample.forEachMoment { step, moment in
        told.begin(frame: sample.frame, step: step)
        tracker.advance(to: moment, observer: &told)
      }
      tick += 1
    }
    meetDeadlines(before: end, content, kinds, &told)
  }

  private mutating func meetDeadlines(
    before end: Int,
    _ content: BlockContent,
    _ kinds: [BlockShares.Kind],
    _ told: inout EventRecorder
  ) {
    guard end > cursor else { return }
    while content.moments[end - 1] >= tracker.dueNext {
      while cursor < end, kinds[cursor] != .segment || content.moments[cursor] < tracker.dueNext { cursor += 1 }
      guard cursor < end else { return }
      told.begin(frame: UInt32(cursor), step: ShardEvent.Step.deadlines)
      tracker.advance(to: content.moments[cursor], observer: &told)
      cursor += 1
    }
    cursor = end
  }
}
