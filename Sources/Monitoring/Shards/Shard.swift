internal import ConnectionTracking
internal import PacketDecoding

/// One share of all connections: its tracker, which tells what happens to them at which frame. One thread owns it.
package struct Shard: ~Copyable {
  var tracker: Tracker
  private let number: Int
  var batch: ArrivalBatch
  /// What came before these frames and ticks is done.
  var cursor = 0
  var tick = 0
  /// What it tells of the block that it takes.
  var told: EventRecorder

  package init(_ settings: MonitorSettings, number: Int, of shares: Int) {
    var settings = settings
    if shares > 1 { settings.tracker.divide(by: shares) }
    told = EventRecorder(hearsOfLeaving: settings.retention.keepsAny)
    tracker = Tracker(settings: settings.tracker)
    self.number = number
    batch = ArrivalBatch(payloadLimit: settings.payloadLimit)
  }

  /// There was no room, and somebody had to go: with room for all together it may be somebody else.
  package var hasShed: Bool { tracker.evicted > 0 }

  /// Takes its frames of a block, and meets its deadlines at everybody's.
  package mutating func take(_ block: FrameBlock) {
    let share = block.shares[number]
    swap(&told.strand, &share.strand)
    told.strand.clear()
    take(block.content, block.parcels)
    told.endBlock(frames: block.content.count)
    swap(&told.strand, &share.strand)
  }

  private mutating func take(_ content: BlockContent, _ parcels: borrowing FrameParcels) {
    (cursor, tick) = (0, 0)
    parcels.withFrames(of: number) { octets, frames, numbers in
      var position = 0
      while position < frames.count { take(octets, frames, numbers, from: &position, content) }
    }
    goOn(to: content.count, content)
  }
}
