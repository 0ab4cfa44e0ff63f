/// One thing that is wrong in a configuration, and where.
package struct SettingsError: Error, Equatable, CustomStringConvertible {
  package var file: String
  /// From 1; 0 when the file as a whole is meant.
  package var line: Int
  package var column: Int
  package var message: String

  package init(file: String, line: Int = 0, column: Int = 0, message: String) {
    self.file = file
    self.line = line
    self.column = column
    self.message = message
  }

  package var description: String {
    line > 0 ? "\(file):\(line):\(column): \(message)" : "\(file): \(message)"
  }
}

/// Everything that was found in one pass, a line each, so that a file is mended in one go.
package struct SettingsErrors: Error, CustomStringConvertible {
  package var errors: [SettingsError]

  /// In the order of the files, and in each from top to bottom.
  package init(_ errors: [SettingsError]) {
    let files = Dictionary(errors.enumerated().map { ($1.file, $0) }) { first, _ in first }
    self.errors = errors.sorted { a, b in
      (files[a.file] ?? 0, a.line, a.column) < (files[b.file] ?? 0, b.line, b.column)
    }
  }

  package var description: String { errors.map(\.description).joined(separator: "\n") }
}
