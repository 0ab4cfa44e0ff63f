import Alerting
import PacketDecoding
import Yams

extension SettingsParser {
  mutating func text(_ node: Node, _ path: String) -> String? {
    guard let scalar = node.scalar, !node.isNull, !scalar.string.isEmpty else {
      report(node, "\(path): needs a text, not \(node.kind)")
      return nil
    }
    return scalar.string
  }

  /// An absolute path, or null.
  mutating func path(_ node: Node, _ path: String) -> String? {
    if node.isNull { return nil }
    guard let text = text(node, path), text.hasPrefix("/"), !text.utf8.contains(0) else {
      report(node, "\(path): needs an absolute path, not \(node.kind)")
      return nil
    }
    return text
  }

  mutating func bool(_ node: Node, _ path: String) -> Bool? {
    switch node.plain {
    case "true": return true
    case "false": return false
    default:
      report(node, "\(path): needs true or false, not \(node.kind)")
      return nil
    }
  }

  mutating func integer(_ node: Node, _ path: String, in range: ClosedRange<Int>) -> Int? {
    guard let number = node.plain.flatMap({ Int($0) }) else {
      report(node, "\(path): needs a whole number, not \(node.kind)")
      return nil
    }
    return checked(number, in: range, node, path) { "\($0)" }
  }

  mutating func number(_ node: Node, _ path: String) -> Double? {
    guard let number = node.plain.flatMap({ Double($0) }), number.isFinite else {
      report(node, "\(path): needs a number, not \(node.kind)")
      return nil
    }
    return number
  }

  mutating func size(_ node: Node, _ path: String, in range: ClosedRange<Int>) -> Int? {
    guard let size = node.scalar.flatMap({ UnitParsing.size($0.string) }) else {
      report(node, "\(path): needs \(UnitParsing.sizeExample), not \(node.kind)")
      return nil
    }
    return checked(size, in: range, node, path, Self.sizeText)
  }

  mutating func duration(_ node: Node, _ path: String, in range: ClosedRange<Seconds>) -> Seconds? {
    guard let span = node.scalar.flatMap({ UnitParsing.duration($0.string) }) else {
      report(node, "\(path): needs \(UnitParsing.durationExample), not \(node.kind)")
      return nil
    }
    return checked(span, in: range, node, path, FigureText.span)
  }

  /// One of the cases of an enum, by its name.
  mutating func choice<Choice>(_ node: Node, _ path: String) -> Choice?
  where Choice: CaseIterable & RawRepresentable, Choice.RawValue == String {
    if let choice = node.scalar.flatMap({ Choice(rawValue: $0.string) }) { return choice }
    let names = Choice.allCases.map(\.rawValue)
    let nearest = node.scalar.flatMap { scalar in
      NearestName.abbreviated(scalar.string, in: names) ?? NearestName.of(scalar.string, in: names)
    }
    let hint = nearest.map { "did you mean \"\($0)\"?" } ?? "there is \(names.joined(separator: ", "))"
    report(node, "\(path): \(node.kind) is not known: \(hint)")
    return nil
  }

  mutating func list<Element>(
    _ node: Node,
    _ path: String,
    _ read: (inout SettingsParser, Node, String) -> Element?
  ) -> [Element]? {
    guard let sequence = node.sequence else {
      report(node, "\(path): needs a list ([] for none), not \(node.kind)")
      return nil
    }
    return sequence.compactMap { read(&self, $0, path) }
  }

  private mutating func checked<Value: Comparable>(
    _ value: Value,
    in range: ClosedRange<Value>,
    _ node: Node,
    _ path: String,
    _ text: (Value) -> String
  ) -> Value? {
    if range.contains(value) { return value }
    report(node, "\(path): \(text(value)) is out of range: \(text(range.lowerBound)) to \(text(range.upperBound))")
    return nil
  }

  static func sizeText(_ bytes: Int) -> String {
    let units = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)]
    let unit = units.first { bytes > 0 && bytes & (1 << $0.1 - 1) == 0 }
    return unit.map { "\(bytes >> $0.1)\($0.0)" } ?? "\(bytes) bytes"
  }
}

extension Node {
  /// The text of an unquoted scalar: a quoted number is a text.
  var plain: String? {
    guard let scalar, scalar.style == .plain else { return nil }
    return scalar.string
  }
}

extension String {
  /// Fit for one line of an error: escaped, and cut when it is long.
  var shown: String {
    let escaped = SafeText.escape(self)
    return escaped.count > 60 ? "\(escaped.prefix(60))…" : escaped
  }
}
