import Alerting
import CloseDiagnosis
import ConnectionTracking
import Monitoring
import MonitoringCrew
import PacketCapture
import PacketDecoding

/// The engine over capture files on several cores.
struct ParallelAnalysis: FrameSink, ~Copyable {
  private var monitor: ParallelMonitor
  private var interfaces: [String] = []

  init(_ options: Analysis.Options, shares: Int) {
    var decoding = DecoderOptions()
    decoding.verifiesChecksums = options.verifiesChecksums
    monitor = ParallelMonitor(Analysis.settings(options), decoding: decoding, shares: shares)
  }

  /// More connections at once than there is room for: which of them go depends on all of them. Or one core is as fast.
  var isForOne: Bool { monitor.hasShed || monitor.gainsNothing }

  mutating func declare(_ interface: CaptureInterface) {
    monitor.declare(interface)
    interfaces.append(SafeText.escape(interface.name))
  }

  mutating func take(_ octets: RawSpan, _ frames: Span<FrameRecord>) { monitor.take(octets, frames) }
}

extension ParallelAnalysis: AnalysisEngine {
  /// Each share makes room as it is needed.
  mutating func haveRead(_ fraction: Double) {}

  mutating func takeEnded() -> [ShardMerger.Ended] { monitor.takeEnded() }

  mutating func finish() { monitor.finish() }

  func forEachTracked(_ body: (ConnectionView) -> Void) { monitor.forEachTracked(body) }

  func verdict(of serial: UInt64) -> CauseVerdict? { monitor.verdict(of: serial) }

  mutating func forget(_ connection: ConnectionView) {}

  /// Rules are held against a file on one core.
  mutating func alertEvents() -> [AlertEvent]? { nil }

  mutating func snapshot() -> Snapshot { monitor.snapshot() }

  func record(_ connection: ConnectionView, _ verdict: CauseVerdict?) -> ConnectionRecord {
    Analysis.record(connection, verdict, at: monitor.packetNow, interfaces)
  }
}
