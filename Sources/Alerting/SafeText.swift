/// Text that others choose (a command, a unit, a Host header, an interface), made fit for a terminal, a log line and a page.
///
/// A line break forges a second log line, an escape sequence rewrites the terminal, a bidirectional override shows another
/// text than is there. Those become `\u{1b}` and the like; every other character stays as it is. Nothing else is escaped,
/// so that escaping twice changes nothing.
package enum SafeText {
  package static func escape(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    var escaped = ""
    escaped.reserveCapacity(text.utf8.count + 16)
    for scalar in text.unicodeScalars {
      if isUnsafe(scalar) {
        escaped += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F: true  // C0 controls, DEL, C1 controls
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true  // bidirectional marks, overrides, isolates
    case 0x2028, 0x2029: true  // line and paragraph separator
    default: false
    }
  }
}
