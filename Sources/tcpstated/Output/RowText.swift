import Alerting

/// A list of the API as rows for other programs.
enum RowText {
  /// An object a line, as the API wrote it.
  static func lines(_ rows: [JSONPart]) -> [UInt8] {
    Array(rows.map { $0.text + [UInt8(ascii: "\n")] }.joined())
  }

  /// RFC 4180 with `\n`: a line of names, then a line a row. What is nested has a name with a dot; lists are joined by
  /// spaces, and objects in them stay JSON, as does an object that is a column.
  ///
  /// - Parameter columns: those that are always there, first. Others come as the rows have them.
  static func csv(_ rows: [JSONPart], columns: [String]) -> [UInt8] {
    var names = columns
    var seen = Set(columns)
    let flat = rows.map { [seen] row in flatten(row, whole: seen) }
    for row in flat {
      for (name, _) in row where seen.insert(name).inserted { names.append(name) }
    }
    // Null in one row, an object in another: the object's members are the columns.
    let nested = Set(names.flatMap { name in name.indices.filter { name[$0] == "." }.map { String(name[..<$0]) } })
    names.removeAll { nested.contains($0) }
    guard !names.isEmpty else { return [] }
    var text = names.map(quote).joined(separator: ",") + "\n"
    for row in flat {
      let values = Dictionary(row, uniquingKeysWith: { first, _ in first })
      text += names.map { quote(values[$0] ?? "") }.joined(separator: ",") + "\n"
    }
    return Array(text.utf8)
  }

  private static func flatten(_ part: JSONPart, _ prefix: String = "", whole: Set<String>) -> [(String, String)] {
    switch part.kind {
    case .object(let members) where !whole.contains(prefix):
      members.flatMap { flatten($0.part, prefix.isEmpty ? $0.name : "\(prefix).\($0.name)", whole: whole) }
    case .array(let elements): [(prefix, elements.map { value($0) }.joined(separator: " "))]
    case .object, .string, .literal: [(prefix, value(part))]
    }
  }

  private static func value(_ part: JSONPart) -> String {
    switch part.kind {
    case .string(let text): harmless(SafeText.escape(text))
    case .literal:
      part.text.elementsEqual("null".utf8) ? "" : String(decoding: part.text, as: UTF8.self)
    case .object, .array: String(decoding: part.text, as: UTF8.self)
    }
  }

  /// What a spreadsheet would take for a formula is a text there: a number is none of these.
  private static func harmless(_ text: String) -> String {
    guard let first = text.first, "=+-@|%".contains(first) else { return text }
    return "'" + text
  }

  private static func quote(_ text: String) -> String {
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
