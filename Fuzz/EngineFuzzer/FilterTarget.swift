import FuzzDriver
import Monitoring

/// A filter expression: it is read, or the error names a place in it.
enum FilterTarget {
  static func run(_ octets: RawSpan) {
    let text = octets.text
    do {
      _ = try ConnectionFilter(parsing: text)
    } catch {
      promise(!"\(error)".isEmpty, "an error says what is wrong")
      promise(!"\(error)".contains("\u{1B}"), "an error repeats no control characters")
    }
  }
}
