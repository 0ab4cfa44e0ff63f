/// What `doctor` says of one thing.
struct Finding: Equatable {
  enum Level: String, CaseIterable {
    case ok
    case warn
    case fail
  }

  var level: Level
  /// What is so.
  var what: String
  /// How to mend it; nothing when all is well.
  var remedy: String?

  static func ok(_ what: String) -> Finding { Finding(level: .ok, what: what) }
  static func warn(_ what: String, _ remedy: String) -> Finding { Finding(level: .warn, what: what, remedy: remedy) }
  static func fail(_ what: String, _ remedy: String) -> Finding { Finding(level: .fail, what: what, remedy: remedy) }
}

extension Page {
  mutating func add(_ finding: Finding) {
    let style: Palette.Style =
      switch finding.level {
      case .ok: .green
      case .warn: .yellow
      case .fail: .red
      }
    let level = finding.level.rawValue
    let padding = String(repeating: " ", count: 6 - level.count)
    add([(level, style), (padding + finding.what + (finding.remedy.map { " — " + $0 } ?? ""), .plain)])
  }
}
