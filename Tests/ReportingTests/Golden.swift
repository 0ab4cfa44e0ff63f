import Foundation
import Testing

/// Text that is compared with a file of `Goldens`. `UPDATE_GOLDENS=1 swift test` writes the files anew; what has changed
/// is for a person to judge, in the diff.
enum Golden {
  static func expect(_ text: String, _ name: String, _ location: SourceLocation = #_sourceLocation) throws {
    let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens")
    let file = directory.appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] != nil {
      try Data(text.utf8).write(to: file)
      return
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    let difference = firstDifference(text, expected)
    #expect(difference == nil, "\(name), \(difference ?? "")", sourceLocation: location)
  }

  private static func firstDifference(_ text: String, _ expected: String) -> String? {
    let (lines, wanted) = (text.components(separatedBy: "\n"), expected.components(separatedBy: "\n"))
    for number in 0..<max(lines.count, wanted.count) {
      let line = number < lines.count ? lines[number] : "(the end)"
      let other = number < wanted.count ? wanted[number] : "(the end)"
      if line != other { return "line \(number + 1): is '\(line)', must be '\(other)'" }
    }
    return nil
  }
}
