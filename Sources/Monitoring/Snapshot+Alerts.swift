package import Alerting
internal import PacketDecoding
internal import StateAccounting

extension Snapshot {
  /// What alert rules look at.
  ///
  /// - Parameters:
  ///   - captured: packets that capture delivered, and `dropped` those it lost.
  ///   - kernels: what the kernel said of each network namespace; empty for a file.
  package func alertReadings(captured: Int, dropped: Int = 0, kernels: [KernelStatus] = []) -> AlertReadings {
    var readings = AlertReadings(
      accounts: accounts,
      knowsLocal: knowsLocal,
      captured: captured,
      dropped: dropped,
      causes: causes
    )
    if !kernels.isEmpty { readings.drift = kernels.reduce(0) { $0 + Int(clamping: $1.drift.magnitude) } }
    if table.capacity > 0 { readings.table = (table.used, table.capacity) }
    readings.ports = settings.map(portReadings)
    readings.findings = { [self] in findings }
    return readings
  }

  private func portReadings(_ settings: KernelSettings) -> [PortReading] {
    accounts.portUses.compactMap { use in
      settings.forecast(use).map { forecast in
        PortReading(
          destination: use.destination,
          usedPercent: 100 * forecast.share,
          exhaustion: forecast.secondsToExhaustion.map { Seconds(nanoseconds: Int64(min($0, 1e9) * 1e9)) }
        )
      }
    }
  }
}
