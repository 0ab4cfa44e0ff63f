import Alerting

enum JSONText {
  /// A JSON string (RFC 8259, 7). Unsafe characters are shown as in a text line, so that a reader who decodes it and prints
  /// it to a terminal is safe, too.
  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for character in SafeText.escape(text).unicodeScalars {
      if character == "\"" || character == "\\" { quoted += "\\" }
      quoted.unicodeScalars.append(character)
    }
    return quoted + "\""
  }
}
