import Alerting
import Logging
import PacketDecoding

/// How a log line looks.
package enum LogFormat: String, CaseIterable, Sendable {
  /// `2026-11-21T03:18:40.123Z warning: message key=value`
  case text
  /// One object per line: `time`, `level`, `message`, then the metadata.
  case json
}

/// One line of the log. Everything in it is escaped, so that it stays one line.
struct LogLine {
  var time: Timestamp
  var level: Logger.Level
  var message: String
  /// In the order in which they are shown.
  var fields: [(name: String, value: String)]

  func text(format: LogFormat, isJournal: Bool) -> String {
    switch (format, isJournal) {
    case (.text, false): "\(TimeText.text(time)) \(level.rawValue): \(plain)"
    case (.text, true): "<\(level.priority)>\(plain)"
    case (.json, false): json
    case (.json, true): "<\(level.priority)>\(json)"
    }
  }

  private var plain: String {
    ([SafeText.escape(message)] + fields.map { "\(SafeText.escape($0.name))=\(Self.value($0.value))" })
      .joined(separator: " ")
  }

  /// Metadata cannot take the place of what each line has.
  private var json: String {
    let own = [("time", TimeText.text(time)), ("level", level.rawValue), ("message", message)]
    let others = fields.map { field in
      (own.contains { $0.0 == field.name } ? "\(field.name)_" : field.name, field.value)
    }
    return "{\((own + others).map { "\(JSONText.quoted($0.0)):\(JSONText.quoted($0.1))" }.joined(separator: ","))}"
  }

  private static func value(_ text: String) -> String {
    let isWord = !text.isEmpty && !text.contains { $0 == " " || $0 == "\"" || $0 == "=" }
    return isWord ? SafeText.escape(text) : JSONText.quoted(text)
  }
}

extension Logger.Level {
  /// As syslog counts (RFC 5424, 6.2.1), which is what systemd's prefixes mean.
  var priority: Int {
    switch self {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}
