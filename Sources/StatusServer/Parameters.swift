/// The query of a request: each parameter known, and there once.
struct Parameters: Sendable {
  private var values: [String: String] = [:]

  /// What is wrong with a query, as a sentence that names the parameter.
  struct Fault: Error, Equatable {
    let detail: String

    init(_ detail: String) {
      self.detail = detail
    }
  }

  /// - Parameter query: what follows the question mark, as it came.
  init(_ query: Substring, allowed: [String]) throws(Fault) {
    for pair in query.split(separator: "&") {
      let end = pair.firstIndex(of: "=") ?? pair.endIndex
      guard let name = PercentEncoding.decode(pair[..<end]) else {
        throw Fault("the name of a parameter is not percent-encoded UTF-8: '\(Self.excerpt(pair[..<end]))'")
      }
      guard allowed.contains(name) else { throw Self.unknown(name, allowed) }
      guard let value = PercentEncoding.decode(pair[end...].dropFirst()) else {
        throw Fault("parameter '\(name)' is not percent-encoded UTF-8")
      }
      guard values.updateValue(value, forKey: name) == nil else { throw Fault("parameter '\(name)' is given twice") }
    }
  }

  private static func unknown(_ name: String, _ allowed: [String]) -> Fault {
    let known = allowed.isEmpty ? "there are none here" : "known are \(allowed.joined(separator: ", "))"
    return Fault("unknown parameter '\(excerpt(name))'; \(known)")
  }

  private static func excerpt(_ text: some StringProtocol) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(64)))
  }

  subscript(name: String) -> String? { values[name] }

  func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int) throws(Fault) -> Int {
    try read(name, "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
      guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), range.contains(number) else {
        return nil
      }
      return number
    } ?? fallback
  }

  /// A parameter that is one value of a type; nil when it is not given.
  ///
  /// - Parameters:
  ///   - expected: what it must be, to be told.
  ///   - parse: nil for text that is no such value.
  func read<Value>(_ name: String, _ expected: String, _ parse: (String) -> Value?) throws(Fault) -> Value? {
    guard let text = values[name] else { return nil }
    guard let value = parse(text) else {
      throw Fault("parameter '\(name)' must be \(expected), not '\(Self.excerpt(text))'")
    }
    return value
  }
}

/// RFC 3986, 2.1, with `+` for a space as forms write it.
enum PercentEncoding {
  /// Nil for a percent sign without two digits, and for what is not UTF-8.
  static func decode(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
        bytes.append(high << 4 | low)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
