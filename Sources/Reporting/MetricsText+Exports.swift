internal import Monitoring

extension MetricsText {
  /// None where nothing is exported.
  static func exports(_ exports: [ExportStatus], _ text: inout Exposition) {
    guard !exports.isEmpty else { return }
    func family(_ name: String, _ kind: Exposition.Kind, _ help: String, _ value: (ExportStatus) -> Int) {
      text.family(name, kind, help) {
        for export in exports { $0.add(value(export), (.kind, export.kind), (.output, export.name)) }
      }
    }
    family("tcpstated_export_queued", .gauge, "Connections, or requests with metrics, that wait.") { $0.waiting }
    family("tcpstated_export_sent_total", .counter, "Those that were taken over there.") { $0.exported }
    family("tcpstated_export_dropped_total", .counter, "Those that were given up.") { $0.dropped }
    family("tcpstated_export_failures_total", .counter, "Attempts that failed.") { $0.failed }
  }
}
