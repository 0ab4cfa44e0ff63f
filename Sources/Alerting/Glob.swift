/// Patterns with `*` for anything, as names are chosen by.
enum Glob {
  static func matches(_ text: String, _ pattern: String) -> Bool {
    matches(Array(text.utf8)[...], Array(pattern.utf8)[...])
  }

  /// After a `*` the shortest that fits is taken, and longer ones in turn.
  private static func matches(_ text: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
    var (text, pattern) = (text, pattern)
    var retry: (text: ArraySlice<UInt8>, pattern: ArraySlice<UInt8>)?
    while true {
      if pattern.first == UInt8(ascii: "*") {
        pattern = pattern.dropFirst()
        retry = (text, pattern)
      } else if let next = pattern.first, next == text.first {
        (text, pattern) = (text.dropFirst(), pattern.dropFirst())
      } else if text.isEmpty, pattern.isEmpty {
        return true
      } else if let earlier = retry, !earlier.text.isEmpty {
        (text, pattern) = (earlier.text.dropFirst(), earlier.pattern)
        retry = (text, pattern)
      } else {
        return false
      }
    }
  }
}
