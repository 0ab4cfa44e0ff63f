import Foundation

/// Colours for a terminal. They only ever repeat what the words say.
struct Palette: Sendable {
  let isOn: Bool

  static let plain = Palette(isOn: false)

  /// On when standard output is a terminal that can show colours and nobody asked for none (no-color.org).
  static var forStandardOutput: Palette {
    let isRefused = !(ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
    return Palette(isOn: Console.hasScreen && !isRefused)
  }

  enum Style: String {
    case plain = ""
    case bold = "1"
    case red = "1;31"
    case yellow = "33"
    case green = "32"
  }

  func paint(_ text: String, _ style: Style) -> String {
    isOn && style != .plain && !text.isEmpty ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
  }
}
