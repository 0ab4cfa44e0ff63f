/// The query of a request: each parameter known, and there once.
struct Parameters: Sendable {
  private var values: [String: String] = [:]

  /// What is wrong with a query, as a sentence that names the parameter.
  struct Fault: Error {
    let detail: String
  }

  init(_ pairs: [(name: String, value: String)], allowed: [String]) throws(Fault) {
    for (name, value) in pairs {
      guard allowed.contains(name) else {
        let known = allowed.isEmpty ? "there are none here" : "known are \(allowed.joined(separator: ", "))"
        throw Fault(detail: "unknown parameter '\(name.prefix(64))'; \(known)")
      }
      guard values.updateValue(value, forKey: name) == nil else {
        throw Fault(detail: "parameter '\(name)' is given twice")
      }
    }
  }

  subscript(name: String) -> String? { values[name] }

  func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int) throws(Fault) -> Int {
    guard let text = values[name] else { return fallback }
    guard let number = Int(text), range.contains(number) else {
      throw Fault(
        detail: "parameter '\(name)' must be a whole number from \(range.lowerBound) to \(range.upperBound)"
      )
    }
    return number
  }
}
