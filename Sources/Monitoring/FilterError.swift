import Alerting

/// Why an expression is no filter, in one line: where, what was expected there, and what stands there instead.
package struct FilterError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The character it is about, counted from 1; one past the last when something is lacking at the end.
  package let position: Int
  package let expected: String
  /// What stands there; nil at the end.
  package let found: String?

  package init(position: Int, expected: String, found: String?) {
    self.position = position
    self.expected = expected
    self.found = found
  }

  package var description: String {
    let place = "filter, character \(position): expected \(expected)"
    guard let found else { return place + ", but it ends here" }
    return place + ", found \"\(Self.excerpt(found))\""
  }

  /// Others send filters too: no more of them than fits a line, and nothing that moves a cursor.
  private static func excerpt(_ text: String) -> String {
    let limit = 40
    let shown = String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit)))
    return SafeText.escape(shown) + (text.unicodeScalars.count > limit ? "…" : "")
  }
}
