import Yams

/// Reads the nodes of one document. Finds every error, not only the first: each reader notes what is wrong and gives nil.
struct SettingsParser {
  let file: String
  var errors: [SettingsError] = []

  /// A mapping whose keys are all known.
  struct Section {
    var path: String
    var node: Node
    var values: [String: Node]

    subscript(key: String) -> Node? { values[key] }

    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
  }

  init(file: String) {
    self.file = file
  }

  mutating func report(_ node: Node, _ message: String) {
    let mark = node.mark
    errors.append(SettingsError(file: file, line: mark?.line ?? 0, column: mark?.column ?? 0, message: message))
  }

  /// A mapping with these keys; what it says of others is an error each. An empty value is a section without keys, as one is
  /// whose keys are all commented out.
  mutating func section(_ node: Node, path: String, keys: [String]) -> Section? {
    if node.isNull { return Section(path: path, node: node, values: [:]) }
    guard let mapping = node.mapping else {
      report(node, "\(path.isEmpty ? "the file" : path): needs keys and values, not \(node.kind)")
      return nil
    }
    var section = Section(path: path, node: node, values: [:])
    for (key, value) in mapping {
      if let name = key.scalar?.string, keys.contains(name) {
        section.values[name] = value
      } else {
        report(key, unknown(key, in: path, keys: keys))
      }
    }
    return section
  }

  private func unknown(_ key: Node, in path: String, keys: [String]) -> String {
    guard let name = key.scalar?.string else { return "a key must be a word, not \(key.kind)" }
    let place = path.isEmpty ? "" : " in \(path)"
    if let nearest = NearestName.of(name, in: keys) {
      return "unknown key \"\(name.shown)\"\(place): did you mean \"\(nearest)\"?"
    }
    return "unknown key \"\(name.shown)\"\(place): there is \(keys.joined(separator: ", "))"
  }

  /// Sets `target` if the key is there and its value is good.
  mutating func assign<Value>(
    _ target: inout Value,
    _ section: Section,
    _ key: String,
    _ read: (inout SettingsParser, Node, String) -> Value?
  ) {
    guard let node = section[key], let value = read(&self, node, section.path(of: key)) else { return }
    target = value
  }
}

extension Node {
  /// `~`, `null` or nothing at all.
  var isNull: Bool {
    guard let scalar, scalar.style == .plain || scalar.style == .any else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// What it is, for somebody who meant something else.
  var kind: String {
    switch self {
    case .scalar(let scalar): isNull ? "nothing" : "\"\(scalar.string.shown)\""
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}
