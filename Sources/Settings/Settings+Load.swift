import Alerting
import Yams

extension Settings {
  /// Reads a file and what it includes. Throws everything that is wrong at once.
  package static func load(path: String) throws(SettingsErrors) -> Settings {
    switch text(of: path) {
    case .success(let text): return try parse(text, file: path)
    case .failure(let error): throw SettingsErrors([error])
    }
  }

  /// Reads a document as if it had come from `file`: included paths are relative to it, and errors name it.
  package static func parse(_ text: String, file: String) throws(SettingsErrors) -> Settings {
    var parser = SettingsParser(file: file)
    guard let root = parser.compose(text) else {
      guard parser.errors.isEmpty else { throw SettingsErrors(parser.errors) }
      return Settings()
    }
    var (settings, alerts, includes) = parser.document(root)
    var addition = Inclusion(labels: settings.labels, alerts: alerts ?? [])
    for pattern in includes { addition.read(pattern, relativeTo: file, &parser) }
    settings.labels = addition.labels
    settings.alerts = addition.alerts
    // The rule that is on by itself stays on unless somebody says what to watch, or takes its name.
    if alerts == nil, !addition.alerts.contains(where: { $0.name == AlertRule.timeWait.name }) {
      settings.alerts.insert(.timeWait, at: 0)
    }
    guard parser.errors.isEmpty else { throw SettingsErrors(parser.errors) }
    return settings
  }

  /// The file and those that it includes, with what is in them; none that cannot be read.
  package static func files(of path: String) -> [(path: String, text: String)] {
    guard case .success(let text) = text(of: path) else { return [] }
    let included = (try? parse(text, file: path))?.include.flatMap { Inclusion.paths($0, relativeTo: path) } ?? []
    return [(path, text)]
      + included.compactMap { path in
        if case .success(let text) = Self.text(of: path) { (path, text) } else { nil }
      }
  }

  static func text(of path: String) -> Result<String, SettingsError> {
    do throws(FileReading.Failure) {
      let bytes = try FileReading.bytes(of: path)
      if let text = String(validating: bytes, as: UTF8.self) { return .success(text) }
      let line = bytes.prefix(validUTF8Count(bytes)).reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
      return .failure(SettingsError(file: path, line: line, column: 1, message: "this line is not UTF-8"))
    } catch {
      return .failure(SettingsError(file: path, message: error.message))
    }
  }

  /// How many bytes from the start are good.
  private static func validUTF8Count(_ bytes: [UInt8]) -> Int {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var count = 0
    while case .scalarValue(let scalar) = decoder.decode(&iterator) { count += UTF8.width(scalar) }
    return count
  }
}
