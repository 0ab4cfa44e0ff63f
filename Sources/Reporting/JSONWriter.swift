/// Writes JSON (RFC 8259) member by member, in the order of the calls: no tree, no dictionary, no reflection.
package struct JSONWriter: Sendable {
  package private(set) var bytes: [UInt8] = []
  private let isPretty: Bool
  private var depth = 0
  /// Whether the innermost object or array has a member already.
  private var needsComma = false

  /// - Parameter pretty: a line a member, for people.
  package init(pretty: Bool = false) {
    isPretty = pretty
  }

  // MARK: Structure

  package mutating func object(_ key: String? = nil, _ body: (inout JSONWriter) -> Void) {
    nest(key, UInt8(ascii: "{"), UInt8(ascii: "}"), body)
  }

  package mutating func array(_ key: String? = nil, _ body: (inout JSONWriter) -> Void) {
    nest(key, UInt8(ascii: "["), UInt8(ascii: "]"), body)
  }

  private mutating func nest(_ key: String?, _ open: UInt8, _ close: UInt8, _ body: (inout JSONWriter) -> Void) {
    begin(key)
    bytes.append(open)
    depth += 1
    needsComma = false
    body(&self)
    depth -= 1
    if needsComma { breakLine() }
    bytes.append(close)
    needsComma = true
  }

  // MARK: Values

  package mutating func member(_ key: String? = nil, _ value: String?) {
    begin(key)
    if let value { append(quoting: value) } else { append("null") }
  }

  package mutating func member(_ key: String? = nil, _ value: some BinaryInteger) {
    begin(key)
    append(String(value))
  }

  package mutating func member(_ key: String? = nil, _ value: Bool) {
    begin(key)
    append(value ? "true" : "false")
  }

  /// The shortest text that reads back as the same number; what JSON cannot say (NaN, infinity) is null.
  package mutating func member(_ key: String? = nil, _ value: Double?) {
    begin(key)
    guard let value, value.isFinite else {
      append("null")
      return
    }
    append(value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : value.description)
  }

  package mutating func null(_ key: String? = nil) {
    begin(key)
    append("null")
  }

  // MARK: Text

  private mutating func begin(_ key: String?) {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    if depth > 0 { breakLine() }
    needsComma = true
    guard let key else { return }
    append(quoting: key)
    bytes.append(UInt8(ascii: ":"))
    if isPretty { bytes.append(UInt8(ascii: " ")) }
  }

  private mutating func breakLine() {
    guard isPretty else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
  }

  private mutating func append(_ text: String) {
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func append(quoting text: String) {
    bytes.append(UInt8(ascii: "\""))
    defer { bytes.append(UInt8(ascii: "\"")) }
    // Nearly all there is: a record has thirty keys.
    if text.utf8.allSatisfy(Self.isPlain) { return append(text) }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": append("\\\"")
      case "\\": append("\\\\")
      case "\n": append("\\n")
      case "\r": append("\\r")
      case "\t": append("\\t")
      // The last ones turn the direction of text: JSON is read on terminals, too.
      case "\u{00}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{61C}", "\u{200E}", "\u{200F}", "\u{2028}"..."\u{202E}",
        "\u{2066}"..."\u{2069}":
        append(escape(scalar))
      default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
  }

  /// Printable ASCII that stands for itself.
  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  private func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}
