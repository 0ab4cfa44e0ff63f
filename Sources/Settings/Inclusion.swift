import Alerting
import Yams

/// A file, a directory or a pattern, and where it was asked for.
struct IncludePattern {
  var pattern: String
  var node: Node
}

/// What the main file and those it includes add up to. Included files include no others, so that there are no loops.
struct Inclusion {
  var labels: [Label]
  var alerts: AlertList

  mutating func read(_ include: IncludePattern, relativeTo file: String, _ parser: inout SettingsParser) {
    let path = Self.resolve(include.pattern, relativeTo: file)
    guard let files = Self.files(path) else {
      parser.report(include.node, "include: there is no \(include.node.kind)")
      return
    }
    for file in files { read(file: file, &parser) }
  }

  private mutating func read(file: String, _ main: inout SettingsParser) {
    var parser = SettingsParser(file: file)
    defer { main.errors += parser.errors }
    switch Settings.text(of: file) {
    case .failure(let error): parser.errors.append(error)
    case .success(let text):
      guard let root = parser.compose(text) else { return }
      let added = parser.fragment(root, labels: labels, alerts: alerts.map(\.name))
      labels += added.labels
      alerts += added.alerts ?? []
    }
  }

  static func paths(_ pattern: String, relativeTo file: String) -> [String] {
    files(resolve(pattern, relativeTo: file)) ?? []
  }

  /// A pattern may match nothing, and a directory be empty; a file that is named must be there.
  private static func files(_ path: String) -> [String]? {
    if FileReading.isDirectory(path) {
      return (FileReading.paths(matching: path + "/*.yaml") + FileReading.paths(matching: path + "/*.yml")).sorted()
    }
    let isPattern = path.contains { "*?[".contains($0) }
    let paths = FileReading.paths(matching: path)
    return paths.isEmpty && !isPattern ? nil : paths.filter { !FileReading.isDirectory($0) }
  }

  private static func resolve(_ path: String, relativeTo file: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    return file[...slash] + path
  }
}

extension SettingsParser {
  mutating func includes(_ node: Node, _ path: String) -> [IncludePattern]? {
    list(node, path) { parser, node, path in
      parser.text(node, path).map { IncludePattern(pattern: $0, node: node) }
    }
  }
}
