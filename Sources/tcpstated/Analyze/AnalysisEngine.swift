import Alerting
import CloseDiagnosis
import ConnectionTracking
import Monitoring
import PacketCapture

/// What frames are read into, and asked when they have been: on one core or several.
protocol AnalysisEngine: FrameSink, ~Copyable {
  /// Of the files so much has been read.
  mutating func haveRead(_ fraction: Double)
  /// Those that nothing can change any more, since the last call, with their causes as far as known by then. Only when
  /// they are kept.
  mutating func takeEnded() -> [ShardMerger.Ended]
  /// Nothing more comes: what waited for others is decided now.
  mutating func finish()
  /// Those that are not over.
  func forEachTracked(_ body: (ConnectionView) -> Void)
  func verdict(of serial: UInt64) -> CauseVerdict?
  func record(_ connection: ConnectionView, _ verdict: CauseVerdict?) -> ConnectionRecord
  /// Nobody will ask for it again.
  mutating func forget(_ connection: ConnectionView)
  /// The figures at the last packet.
  mutating func snapshot() -> Snapshot
  /// What the rules would have said, in the order in which they would have; nil when none were asked.
  mutating func alertEvents() -> [AlertEvent]?
}
