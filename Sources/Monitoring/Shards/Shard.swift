internal import ConnectionTracking
internal import PacketDecoding

/// One share of all connections: its tracker, which tells what happens to them at which frame. One thread owns it.
package struct Shard: ~Copyable {
  var tracker: Tracker
  private let number: Int
  var splitter: FrameSplitter
  var batch: ArrivalBatch
  /// What came before these frames and ticks is done.
  var cursor = 0
  var tick = 0
  /// What it tells of the block that it takes.
  var told: EventRecorder

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
    shares.withFrames(of: number) { frames, numbers in
      var position = 0
      while position < frames.count { take(frames, numbers, from: &position, content, shares.owners) }
    }
    goOn(to: content.count, content, shares.owners)
  }
}
