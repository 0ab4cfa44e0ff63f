import Alerting
import Yams

extension SettingsParser {
  /// Names that alerts give themselves.
  private static let reserved: Set<String> = [
    "alert", "alert_id", "alertname", "clear", "destination", "id", "level", "message", "metric", "name", "peak",
    "peer", "raise",
    "service", "severity", "side", "since", "state", "time", "unit", "value",
  ]

  mutating func labels(_ node: Node, _ path: String, besides taken: [Label]) -> [Label]? {
    if node.isNull { return [] }
    guard let mapping = node.mapping else {
      report(node, "\(path): needs names and values, not \(node.kind)")
      return nil
    }
    return mapping.compactMap { key, value in
      guard let name = labelName(key, path, besides: taken), let text = text(value, "\(path).\(name)") else {
        return nil
      }
      return Label(name: name, value: text)
    }
  }

  private mutating func labelName(_ key: Node, _ path: String, besides taken: [Label]) -> String? {
    guard let name = key.scalar?.string, Self.isLabelName(name) else {
      report(
        key,
        "\(path): the name of a label has letters, digits and _, and does not begin with a digit: not \(key.kind)"
      )
      return nil
    }
    if Self.reserved.contains(name) {
      report(key, "\(path): \"\(name)\" is a name that alerts give themselves")
      return nil
    }
    if taken.contains(where: { $0.name == name }) {
      report(key, "\(path): \"\(name)\" is set in another file")
      return nil
    }
    return name
  }

  private static func isLabelName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
      default: false
      }
    }
  }
}
