import Foundation

/// Writes text files as Swift string literals: `EmbedTextTool OUTPUT FILE...`; `chart.js` becomes `chartJS`.
@main
enum EmbedTextTool {
  struct NotText: Error, CustomStringConvertible {
    let description: String
  }

  static func main() throws {
    let paths = CommandLine.arguments.dropFirst()
    guard let output = paths.first else { throw NotText(description: "usage: EmbedTextTool OUTPUT FILE...") }
    var source = "enum EmbeddedText {\n"
    for path in paths.dropFirst() {
      let url = URL(filePath: path)
      guard let text = String(validating: try Data(contentsOf: url), as: UTF8.self) else {
        throw NotText(description: "\(path) is not UTF-8")
      }
      let name = url.deletingPathExtension().lastPathComponent + url.pathExtension.uppercased()
      source += "  static let \(name) = \(literal(text))\n"
    }
    try (source + "}\n").write(toFile: output, atomically: true, encoding: .utf8)
  }

  /// A raw literal with more number signs than the text has in a row.
  private static func literal(_ text: String) -> String {
    var marks = "#"
    while text.contains(marks) { marks += "#" }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n")
    return "\(marks)\"\"\"\n\(lines)\n\"\"\"\(marks)"
  }
}
