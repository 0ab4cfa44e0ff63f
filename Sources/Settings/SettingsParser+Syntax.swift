import Yams

extension SettingsParser {
  /// The one document in a text; nil when it is empty, and when it is no YAML, which is then in `errors`.
  mutating func compose(_ text: String) -> Node? {
    do {
      if Aliases.mayBe(in: text), let masked = try Yams.compose(yaml: Aliases.masked(text)),
        let node = Aliases.misplaced(in: masked)
      {
        report(node, "an alias can be a value, not a key; a text that begins with * needs quotes")
        return nil
      }
      return try Yams.compose(yaml: text)
    } catch let error as YamlError {
      errors.append(self.error(error))
    } catch {
      errors.append(SettingsError(file: file, message: "\(error)"))
    }
    return nil
  }

  private func error(_ error: YamlError) -> SettingsError {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
      return self.error(mark, problem + (context.map { " (\($0.text) that begins on line \($0.mark.line))" } ?? ""))
    case .composer(let context, let problem, let mark, _):
      return self.error(mark, context.map { "\($0.text): \(problem)" } ?? problem)
    case .reader(let problem, let offset, _, let text):
      let before = text.prefix(offset ?? 0)
      let line = 1 + before.count { $0.isNewline }
      let column = 1 + before.reversed().prefix { !$0.isNewline }.count
      return SettingsError(file: file, line: line, column: column, message: problem)
    case .duplicatedKeysInMapping(let names, let context):
      let keys = names.map { "\"\($0.shown)\"" }.joined(separator: ", ")
      return self.error(context.mark, "duplicate key \(keys): given more than once in this mapping, first here")
    case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
      return SettingsError(file: file, message: "\(error)")
    }
  }

  private func error(_ mark: Mark, _ message: String) -> SettingsError {
    SettingsError(file: file, line: mark.line, column: mark.column, message: Aliases.unmasked(message))
  }
}
