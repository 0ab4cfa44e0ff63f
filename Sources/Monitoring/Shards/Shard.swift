internal import CPrefetch
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
  /// What it tells of the block that it takes.
  private var told: EventRecorder

  package init(_ settings: MonitorSettings, number: Int, of shares: Int) {
    var settings = settings
    if shares > 1 {
      // Whether the whole would shed some cannot be known here; a share that does says so.
      settings.tracker.capacity = max(settings.tracker.capacity / shares - 1, 1)
      settings.tracker.halfOpenCapacity = max(settings.tracker.halfOpenCapacity / shares - 1, 1)
      settings.tracker.unansweredCapacity = max(settings.tracker.unansweredCapacity / shares - 1, 1)
    }
    told = EventRecorder(hearsOfLeaving: settings.retention.keepsAny)
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

  var memory: ShareMemory { told.memory }

  /// Takes its frames of a block that was split, and meets its deadlines at everybody's.
  package mutating func take(_ block: FrameBlock) {
    let strand = block.told[number]
    swap(&told.strand, &strand.strand)
    told.strand.clear()
    take(block.content, block.shares)
    told.endBlock(frames: block.content.count)
    swap(&told.strand, &strand.strand)
  }

  private mutating func take(_ content: BlockContent, _ shares: BlockShares) {
    (cursor, tick) = (0, 0)
    unsafe content.octets.withUnsafeBytes { octets in
      let octets = unsafe octets.bytes
      let own = shares.numbers(of: number)
      for index in own.indices {
        if index + Self.lookahead < own.endIndex { seek(own[index + Self.lookahead], octets, content) }
        take(own[index], octets, content, shares.kinds)
      }
      drain(octets, content, shares.kinds)
    }
    goOn(to: content.count, content, shares.kinds)
  }

  /// Asks for the headers of a frame, which another thread has read.
  @inline(__always)
  private func seek(_ number: UInt32, _ octets: RawSpan, _ content: BlockContent) {
    let start = content.frames[Int(number)].range.lowerBound
    guard start + Self.headers <= octets.byteCount else { return }
    // Both addresses are in bounds, and only asked for.
    unsafe octets.withUnsafeBytes { octets in
      unsafe tcpstated_prefetch(octets.baseAddress.map { unsafe $0 + start })
      unsafe tcpstated_prefetch(octets.baseAddress.map { unsafe $0 + start + Self.headers - 1 })
    }
  }

  /// So many frames ahead.
  private static let lookahead = 8
  /// Octets of Ethernet, IPv4 and TCP with the usual options.
  private static let headers = 66

  @inline(__always)
  private mutating func take(
    _ number: UInt32,
    _ octets: RawSpan,
    _ content: BlockContent,
    _ kinds: [BlockShares.Kind]
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
      noteICMPError(kind, number, UInt8(clamping: interface), octets, content, kinds)
    } else {
      positions.append(number)
      if batch.isFull { drain(octets, content, kinds) }
    }
  }

  @inline(never)
  private mutating func noteICMPError(
    _ kind: ICMPError.Kind,
    _ number: UInt32,
    _ interface: UInt8,
    _ octets: RawSpan,
    _ content: BlockContent,
    _ kinds: [BlockShares.Kind]
  ) {
    let quoted = batch.decoded
    drain(octets, content, kinds)
    goOn(to: Int(number), content, kinds)
    told.begin(frame: number, step: ShardEvent.Step.icmpError)
    tracker.noteICMPError(kind, quoting: quoted, interface: interface, observer: &told)
  }

  private mutating func drain(_ octets: RawSpan, _ content: BlockContent, _ kinds: [BlockShares.Kind]) {
    tracker.seek(&batch)
    for number in positions.indices {
      let position = positions[number]
      goOn(to: Int(position) + 1, content, kinds)
      told.begin(frame: position, step: ShardEvent.Step.segment)
      tracker.receiveNext(&batch, octets, observer: &told)
    }
    positions.removeAll(keepingCapacity: true)
    batch.clear()
  }

  /// Meets the deadlines that are due at the frames before `end`, at the first segment or sample that makes them so.
  @inline(__always)
  private mutating func goOn(to end: Int, _ content: BlockContent, _ kinds: [BlockShares.Kind]) {
    if end > 0, tick < content.ticks.count || content.moments[end - 1] >= tracker.dueNext {
      meetAll(before: end, content, kinds)
    }
    cursor = max(cursor, end)
  }

  @inline(never)
  private mutating func meetAll(before end: Int, _ content: BlockContent, _ kinds: [BlockShares.Kind]) {
    while tick < content.ticks.count, Int(content.ticks[tick].frame) < end {
      let sample = content.ticks[tick]
      meetDeadlines(before: Int(sample.frame), content, kinds)
      sample.forEachMoment { step, moment in
        told.begin(frame: sample.frame, step: step)
        tracker.advance(to: moment, observer: &told)
      }
      tick += 1
    }
    meetDeadlines(before: end, content, kinds)
  }

  private mutating func meetDeadlines(before end: Int, _ content: BlockContent, _ kinds: [BlockShares.Kind]) {
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
