package import CloseDiagnosis
package import ConnectionTracking
package import Monitoring
package import PacketCapture
package import PacketDecoding
internal import Synchronization

/// What a `Monitor` does with capture files, on several cores and with the same result: one thread reads, each of the
/// others takes a share of the connections, and one keeps the books of all.
package struct ParallelMonitor: FrameSink, ~Copyable {
  private let settings: MonitorSettings
  private let decoding: DecoderOptions
  private var reader: FrameReader
  private var decoders: [FrameDecoder] = []
  private var job: Job
  private let crew: Crew
  private var result: ShardedMonitor?
  /// Nanoseconds that it took to share out the frames of the job, as long as it is asked how long.
  private var sharing: Int? = 0

  /// Blocks on their way at once: enough for nobody to wait for another's slow moment, and for those who read and who
  /// keep the books to have one each.
  private static func blocks(shares: Int) -> Int { 2 * shares + 2 }

  package init(_ settings: MonitorSettings, decoding: DecoderOptions = DecoderOptions(), shares: Int) {
    self.settings = settings
    self.decoding = decoding
    reader = FrameReader(shares: shares)
    crew = Crew(settings, shares: shares, blocks: Self.blocks(shares: shares))
    job = crew.free.next() ?? Job(shares: shares)
  }

  /// More connections at once than there is room for: which of them go depends on all of them.
  package var hasShed: Bool { crew.hasShed.withLock { $0 } }

  /// One thread would be as fast, as far as the first frames tell.
  package var gainsNothing: Bool { crew.gainsNothing.withLock { $0 } }

  package var packetNow: Instant? { reader.packetNow }

  package mutating func declare(_ interface: CaptureInterface) {
    decoders.append(FrameDecoder(linkType: interface.linkType, options: decoding))
  }

  package mutating func take(_ octets: RawSpan, _ frames: Span<FrameRecord>) {
    let clock = sharing.map { _ in ThreadClock() }
    reader.take(octets, frames, decoders: decoders, into: job.block)
    if let clock { sharing? += clock.nanoseconds }
    if job.block.isFull { handOver() }
  }

  private mutating func handOver() {
    handOn()
    if let next = crew.free.next() { job = next }
    job.block.clear()
  }

  private mutating func handOn() {
    job.sharing.store(sharing ?? -1, ordering: .relaxed)
    if sharing != nil { sharing = reader.packets < Gain.lastFrame ? 0 : nil }
    crew.hand(job)
  }

  /// Connections that left since the last call, in order. Only when they are kept.
  package mutating func takeEnded() -> [ShardMerger.Ended] {
    crew.left.withLock { left in
      defer { left = [] }
      return left
    }
  }

  /// Nothing more comes.
  package mutating func finish() {
    guard result == nil else { return }
    if !job.block.isEmpty { handOn() }
    let shards = crew.finish()
    let merger = crew.takeMerger()
    guard let merger = consume merger else { return }
    result = ShardedMonitor(settings, reader: reader, merger: merger, shards: shards)
    result?.finish()
  }

  /// Those that are not over, after the end.
  package func forEachTracked(_ body: (ConnectionView) -> Void) { result?.forEachTracked(body) }

  /// After the end.
  package func verdict(of serial: UInt64) -> CauseVerdict? { result?.verdict(of: serial) }

  /// The figures at the last packet.
  package mutating func snapshot() -> Snapshot {
    finish()
    var snapshot = result?.snapshot() ?? Snapshot(time: nil)
    snapshot.time = snapshot.last
    return snapshot
  }
}
