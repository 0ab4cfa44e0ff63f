import Monitoring
import MonitoringCrew
import PacketCapture
import PacketDecoding
import StateAccounting

/// `Stage.track` with the connections shared out to several threads, as `analyze --jobs` does.
enum SharedTracking {
  static func run(_ path: String, shares: Int) throws(CaptureError) -> String {
    var timeline = try Timeline(paths: [path])
    var monitor = ParallelMonitor(MonitorSettings(forFilesWith: .within(.zero, count: 0)), shares: shares)
    try timeline.read(into: &monitor)
    return (monitor.hasShed ? "not all had room\n" : "") + Totals(monitor.snapshot()).text
  }
}
