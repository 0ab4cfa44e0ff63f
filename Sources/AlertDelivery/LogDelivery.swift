package import Alerting
package import Logging

/// Alerts as log lines.
package struct LogDelivery: AlertChannel {
  private let logger: Logger

  package init(logger: Logger) {
    self.logger = logger
  }

  package func deliver(_ event: AlertEvent) {
    let alert = AlertFields(event)
    let labels = alert.status.labels.map { ($0.name, $0.value) }
    let metadata = (labels + alert.fields).reduce(into: Logger.Metadata()) { $0[$1.0] = "\($1.1)" }
    logger.log(level: alert.level, "\(alert.message)", metadata: metadata)
  }
}

extension AlertFields {
  /// That it is over is worth a notice, whatever it was.
  var level: Logger.Level {
    guard !isCleared else { return .notice }
    return switch status.severity {
    case .info: .notice
    case .warning: .warning
    case .critical: .critical
    }
  }
}
