import Alerting
import CloseDiagnosis
import ConnectionTracking
import Dispatch
import Foundation
import Monitoring
import PacketCapture
import PacketDecoding
import Synchronization

/// The engine over capture files on several cores, with the same result: one thread reads, each of the others takes a
/// share of the connections, and one keeps the books of all.
struct ParallelAnalysis: FrameSink, ~Copyable {
  private let settings: MonitorSettings
  private let verifiesChecksums: Bool
  private var reader = FrameReader()
  private var decoders: [FrameDecoder] = []
  private var interfaces: [String] = []
  private var job: Job
  private let crew: Crew
  private var result: ShardedMonitor?

  /// On their way at once: enough for nobody to wait for another's slow moment.
  private static let blocksPerShare = 4

  init(_ options: Analysis.Options, jobs: Int) {
    settings = Analysis.settings(options)
    verifiesChecksums = options.verifiesChecksums
    crew = Crew(settings, shares: jobs, blocks: Self.blocksPerShare * jobs)
    job = crew.free.next() ?? Job(shares: jobs, hearsOfLeaving: false)
  }

  /// More connections at once than there is room for: which of them go depends on all of them.
  var hasShed: Bool { crew.hasShed.withLock { $0 } }

  mutating func declare(_ interface: CaptureInterface) {
    var decoding = DecoderOptions()
    decoding.verifiesChecksums = verifiesChecksums
    decoders.append(FrameDecoder(linkType: interface.linkType, options: decoding))
    interfaces.append(SafeText.escape(interface.name))
  }

  mutating func take(_ octets: RawSpan, _ frames: Span<FrameRecord>) {
    reader.take(octets, frames, decoders: decoders, into: job.block)
    if job.block.isFull { handOver() }
  }

  private mutating func handOver() {
    crew.hand(job)
    if let next = crew.free.next() { job = next }
    job.block.clear()
  }
}

extension ParallelAnalysis: AnalysisEngine {
  mutating func takeEnded() -> [ShardMerger.Ended] {
    crew.left.withLock { left in
      defer { left = [] }
      return left
    }
  }

  mutating func finish() {
    guard result == nil else { return }
    if !job.block.isEmpty { crew.hand(job) }
    let shards = crew.finish()
    let merger = crew.takeMerger()
    guard let merger = consume merger else { return }
    result = ShardedMonitor(settings, reader: reader, merger: merger, shards: shards)
    result?.finish()
  }

  func forEachTracked(_ body: (ConnectionView) -> Void) { result?.forEachTracked(body) }

  func verdict(of serial: UInt64) -> CauseVerdict? { result?.verdict(of: serial) }

  mutating func forget(_ connection: ConnectionView) {}

  /// Rules are held against a file on one core.
  mutating func alertEvents() -> [AlertEvent]? { nil }

  mutating func snapshot() -> Snapshot {
    finish()
    var snapshot = result?.snapshot() ?? Snapshot(time: nil)
    snapshot.time = snapshot.last
    return snapshot
  }

  func record(_ connection: ConnectionView, _ verdict: CauseVerdict?) -> ConnectionRecord {
    Analysis.record(connection, verdict, at: reader.packetNow, interfaces)
  }
}
