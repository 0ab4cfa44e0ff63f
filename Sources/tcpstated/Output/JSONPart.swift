/// A piece of a JSON document, as it was written: numbers keep their digits and members their order.
struct JSONPart {
  enum Kind {
    case object([(name: String, part: JSONPart)])
    case array([JSONPart])
    case string(String)
    /// A number, true, false or null.
    case literal
  }

  let kind: Kind
  let text: ArraySlice<UInt8>

  struct Malformed: Error {}

  init(_ bytes: [UInt8]) throws(Malformed) {
    var reader = JSONReader(bytes: bytes)
    self = try reader.value(depth: 0)
    guard reader.isAtEnd else { throw Malformed() }
  }

  fileprivate init(_ kind: Kind, _ text: ArraySlice<UInt8>) {
    self.kind = kind
    self.text = text
  }

  /// A member of an object.
  subscript(name: String) -> JSONPart? {
    guard case .object(let members) = kind else { return nil }
    return members.first { $0.name == name }?.part
  }
}

private struct JSONReader {
  let bytes: [UInt8]
  private var position = 0

  /// Deeper than anything the daemon says.
  private static let deepest = 32

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  var isAtEnd: Bool {
    mutating get { next == nil }
  }

  /// The next byte that is no space.
  private var next: UInt8? {
    mutating get {
      while position < bytes.count, " \t\r\n".utf8.contains(bytes[position]) { position += 1 }
      return position < bytes.count ? bytes[position] : nil
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func value(depth: Int) throws(JSONPart.Malformed) -> JSONPart {
    guard depth < Self.deepest, let first = next else { throw JSONPart.Malformed() }
    let start = position
    let kind: JSONPart.Kind
    switch first {
    case UInt8(ascii: "{"): kind = .object(try members(depth))
    case UInt8(ascii: "["): kind = .array(try elements(depth))
    case UInt8(ascii: "\""): kind = .string(try string())
    default: kind = try literal()
    }
    return JSONPart(kind, bytes[start..<position])
  }

  private mutating func members(_ depth: Int) throws(JSONPart.Malformed) -> [(name: String, part: JSONPart)] {
    position += 1
    var members: [(name: String, part: JSONPart)] = []
    if take("}") { return members }
    repeat {
      let name = try string()
      guard take(":") else { throw JSONPart.Malformed() }
      members.append((name, try value(depth: depth + 1)))
    } while take(",")
    guard take("}") else { throw JSONPart.Malformed() }
    return members
  }

  private mutating func elements(_ depth: Int) throws(JSONPart.Malformed) -> [JSONPart] {
    position += 1
    var elements: [JSONPart] = []
    if take("]") { return elements }
    repeat { elements.append(try value(depth: depth + 1)) } while take(",")
    guard take("]") else { throw JSONPart.Malformed() }
    return elements
  }

  private mutating func literal() throws(JSONPart.Malformed) -> JSONPart.Kind {
    let start = position
    while position < bytes.count, !" \t\r\n,]}:\"{[".utf8.contains(bytes[position]) { position += 1 }
    guard position > start else { throw JSONPart.Malformed() }
    return .literal
  }

  private mutating func string() throws(JSONPart.Malformed) -> String {
    guard take("\"") else { throw JSONPart.Malformed() }
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      text += byte == UInt8(ascii: "\\") ? try escaped() : [byte]
    }
    throw JSONPart.Malformed()
  }

  /// What stands after a backslash.
  private mutating func escaped() throws(JSONPart.Malformed) -> [UInt8] {
    guard position < bytes.count else { throw JSONPart.Malformed() }
    let letter = bytes[position]
    position += 1
    switch letter {
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "u"):
      let digits = bytes[position...].prefix(4)
      position += digits.count
      // The daemon writes what has more than four digits as it is.
      let scalar = UInt16(String(decoding: digits, as: UTF8.self), radix: 16).flatMap { Unicode.Scalar($0) }
      return Array(String(scalar ?? "\u{FFFD}").utf8)
    default: return [letter]
    }
  }
}
