internal import Alerting

/// Writes HTML element by element. Text and the values of attributes are escaped here, whoever chose them; markup comes
/// from literals alone.
struct HTMLWriter {
  private(set) var text = ""

  typealias Attribute = (name: StaticString, value: String)

  mutating func nest(
    _ name: StaticString,
    _ attributes: [Attribute] = [],
    _ body: (inout HTMLWriter) -> Void
  ) {
    open(name, attributes)
    body(&self)
    text += "</\(name)>"
  }

  mutating func element(_ name: StaticString, _ content: String) { element(name, [], content) }

  mutating func element(_ name: StaticString, _ attributes: [Attribute], _ content: String) {
    nest(name, attributes) { $0.write(content) }
  }

  /// One that has no content and no end.
  mutating func open(_ name: StaticString, _ attributes: [Attribute] = []) {
    text += "<\(name)"
    for attribute in attributes { text += " \(attribute.name)=\"\(Self.escape(attribute.value))\"" }
    text += ">"
  }

  mutating func write(_ content: String) { text += Self.escape(content) }

  mutating func markup(_ markup: StaticString) { text += "\(markup)" }

  mutating func line() { text += "\n" }

  static func escape(_ content: String) -> String {
    SafeText.escape(content).unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
