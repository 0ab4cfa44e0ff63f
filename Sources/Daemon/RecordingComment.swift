internal import Alerting
internal import CloseDiagnosis
internal import PacketDecoding

/// What a capture file says of itself to whoever opens it.
enum RecordingComment {
  /// Of a file that was written because an alert fired.
  static func of(_ alert: AlertStatus, _ rule: String, since start: Timestamp, oneIn: UInt64) -> String {
    var lines = [
      "alert \(alert.id)", "rule \(rule)", "\(alert.severity.rawValue): \(alert.summary)",
      "headers of packets since \(start)",
    ]
    lines += sampling(oneIn)
    if let finding = alert.evidence.findings.first { lines.append("\(finding.id.rawValue): \(finding.advice)") }
    return text(lines)
  }

  /// Of one that somebody asked for.
  static func of(last span: Seconds, oneIn: UInt64) -> String {
    text(["headers of the packets of the last \(FigureText.span(span))"] + sampling(oneIn))
  }

  private static func sampling(_ oneIn: UInt64) -> [String] {
    oneIn > 1 ? ["one connection in \(oneIn) was recorded, chosen by a hash"] : []
  }

  private static func text(_ lines: [String]) -> String { lines.map(SafeText.escape).joined(separator: "\n") }
}
