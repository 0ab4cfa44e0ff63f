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

  /// On their way at once: enough for nobody to wait for another's slow moment.
  private static let blocksPerShare = 4

  package init(_ settings: MonitorSettings, decoding: DecoderOptions = DecoderOptions(), shares: Int) {
    self.settings = settings
    self.decoding = decoding
    reader = FrameReader(shares: shares)
    crew = Crew(settings, shares: shares, blocks: Self.blocksPerShare * shares)
    job = crew.free.next() ?? Job(shares: shares)
  }

  /// More connections at once than there is room for: which of them go depends on all of them.
  package var hasShed: Bool { crew.hasShed.withLock { $0 } }

  package var packetNow: Instant? { reader.packetNow }

  package mutating func declare(_ interface: CaptureInterface) {
    decoders.append(FrameDecoder(linkType: interface.linkType, options: decoding))
  }

  package mutating func take(_ octets: RawSpan, _ frames: Span<FrameRecord>) {
    reader.take(octets, frames, decoders: decoders, into: job.block)
    if job.block.isFull { handOver() }
  }

  private mutating func handOver() {
    crew.hand(job)
    if let next = crew.free.next() { job = next }
    job.block.clear()
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
    if !job.block.isEmpty { crew.hand(job) }
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
