import Alerting
import PacketDecoding
import Yams

extension SettingsParser {
  /// What only the main file may hold.
  private static let mainKeys = [
    "interfaces", "netns", "capture", "local", "http", "memory_limit", "closed_retention",
    "state_directory", "kernel", "recorder", "history", "deliver", "export", "log", "include",
  ]
  /// What an included file may add.
  private static let sharedKeys = ["labels", "alerts"]

  /// The whole of a main file; included ones are read by the caller, who knows where they are.
  mutating func document(_ root: Node) -> (settings: Settings, alerts: AlertList?, includes: [IncludePattern]) {
    var settings = Settings()
    guard let root = section(root, path: "", keys: Self.mainKeys + Self.sharedKeys) else { return (settings, nil, []) }
    var includes: [IncludePattern] = []
    var alerts: AlertList?
    assign(&settings.interfaces, root, "interfaces") { $0.interfaces($1, $2) }
    assign(&settings.netns, root, "netns") { $0.namespaces($1, $2) }
    assign(&settings.capture, root, "capture") { $0.capture($1, $2) }
    assign(&settings.local, root, "local") { $0.networks($1, $2) }
    assign(&settings.http, root, "http") { $0.http($1, $2) }
    assign(&settings.memoryLimit, root, "memory_limit") { $0.size($1, $2, in: 16 << 20...1 << 40) }
    assign(&settings.closedRetention, root, "closed_retention") { $0.closedRetention($1, $2) }
    assign(&settings.stateDirectory, root, "state_directory") { $0.path($1, $2) }
    assign(&settings.kernel, root, "kernel") { $0.kernel($1, $2) }
    assign(&settings.recorder, root, "recorder") { $0.recorder($1, $2) }
    assign(&settings.history, root, "history") { $0.history($1, $2) }
    assign(&settings.delivery, root, "deliver") { $0.delivery($1, $2) }
    assign(&settings.export, root, "export") { $0.export($1, $2) }
    assign(&settings.log, root, "log") { $0.log($1, $2) }
    assign(&settings.labels, root, "labels") { $0.labels($1, $2, besides: []) }
    assign(&includes, root, "include") { $0.includes($1, $2) }
    assign(&alerts, root, "alerts") { $0.alerts($1, $2, besides: []) }
    settings.include = includes.map(\.pattern)
    return (settings, alerts, includes)
  }

  /// An included file: adds to what is there, and may not take a name that is taken.
  mutating func fragment(_ root: Node, labels: [Label], alerts: [String]) -> (labels: [Label], alerts: AlertList?) {
    var added: (labels: [Label], alerts: AlertList?) = ([], nil)
    guard let section = section(root, path: "", keys: Self.sharedKeys + Self.mainKeys) else { return added }
    for (key, _) in root.mapping ?? [:] {
      guard let name = key.scalar?.string, Self.mainKeys.contains(name) else { continue }
      report(key, "\"\(name)\" belongs in the main file: an included one adds labels and alerts")
    }
    assign(&added.labels, section, "labels") { $0.labels($1, $2, besides: labels) }
    assign(&added.alerts, section, "alerts") { $0.alerts($1, $2, besides: alerts) }
    return added
  }

  private mutating func interfaces(_ node: Node, _ path: String) -> [String]? {
    var seen: Set<String> = []
    return list(node, path) { parser, node, path in
      guard let name = parser.text(node, path) else { return nil }
      guard name.utf8.count < 16, name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x2F && $0 != 0x7F }) else {
        parser.report(node, "\(path): \"\(name.shown)\" is no name of an interface")
        return nil
      }
      guard name != "any" else {
        parser.report(
          node,
          "\(path): \"any\" is no interface: list those you mean, or none ([]) for all with an address"
        )
        return nil
      }
      guard seen.insert(name).inserted else {
        parser.report(node, "\(path): \"\(name)\" is listed twice")
        return nil
      }
      return name
    }
  }

  private mutating func namespaces(_ node: Node, _ path: String) -> [String]? {
    var seen: Set<String> = []
    return list(node, path) { parser, node, path in
      guard let name = parser.text(node, path) else { return nil }
      guard Settings.isNamespaceName(name) else {
        parser.report(node, "\(path): \"\(name.shown)\" is no name of a network namespace (ip netns list)")
        return nil
      }
      guard seen.insert(name).inserted else {
        parser.report(node, "\(path): \"\(name.shown)\" is listed twice")
        return nil
      }
      return name
    }
  }

  private mutating func networks(_ node: Node, _ path: String) -> [Network]? {
    list(node, path) { parser, node, path in
      if let network = node.scalar.flatMap({ Network($0.string) }) { return network }
      parser.report(
        node,
        "\(path): needs a network such as 10.0.0.0/8 or fd00::/8 (no bits set after the prefix), not \(node.kind)"
      )
      return nil
    }
  }

  private mutating func capture(_ node: Node, _ path: String) -> Settings.Capture? {
    let keys = ["tier", "fall_back", "buffer", "snap_length", "promiscuous", "workers", "decapsulate"]
    guard let section = section(node, path: path, keys: keys) else { return nil }
    var capture = Settings.Capture()
    assign(&capture.tier, section, "tier") { $0.choice($1, $2) }
    assign(&capture.fallBack, section, "fall_back") { $0.bool($1, $2) }
    assign(&capture.buffer, section, "buffer") { $0.size($1, $2, in: 64 << 10...1 << 30) }
    assign(&capture.snapLength, section, "snap_length") { $0.integer($1, $2, in: 0...262_144) }
    assign(&capture.promiscuous, section, "promiscuous") { $0.bool($1, $2) }
    assign(&capture.workers, section, "workers") { $0.integer($1, $2, in: 1...64) }
    assign(&capture.decapsulate, section, "decapsulate") { $0.bool($1, $2) }
    return capture
  }

  private mutating func closedRetention(_ node: Node, _ path: String) -> Settings.ClosedRetention? {
    guard let section = section(node, path: path, keys: ["for", "count"]) else { return nil }
    var retention = Settings.ClosedRetention()
    assign(&retention.duration, section, "for") { $0.duration($1, $2, in: .zero...Seconds(86400)) }
    assign(&retention.count, section, "count") { $0.integer($1, $2, in: 0...10_000_000) }
    return retention
  }

  private mutating func kernel(_ node: Node, _ path: String) -> Settings.Kernel? {
    guard let section = section(node, path: path, keys: ["interval", "processes"]) else { return nil }
    var kernel = Settings.Kernel()
    assign(&kernel.interval, section, "interval") { $0.duration($1, $2, in: Seconds(1)...Seconds(3600)) }
    assign(&kernel.processes, section, "processes") { $0.bool($1, $2) }
    return kernel
  }

  private mutating func recorder(_ node: Node, _ path: String) -> Settings.Recorder? {
    let keys = ["size", "for", "payload", "before", "after", "file_size", "files", "files_size"]
    guard let section = section(node, path: path, keys: keys) else { return nil }
    var recorder = Settings.Recorder()
    assign(&recorder.size, section, "size") { $0.size($1, $2, in: 0...1 << 36) }
    assign(&recorder.duration, section, "for") { $0.duration($1, $2, in: Seconds(1)...Seconds(3600)) }
    assign(&recorder.payload, section, "payload") { $0.integer($1, $2, in: 0...768) }
    assign(&recorder.before, section, "before") { $0.duration($1, $2, in: .zero...Seconds(3600)) }
    assign(&recorder.after, section, "after") { $0.duration($1, $2, in: .zero...Seconds(60)) }
    assign(&recorder.fileSize, section, "file_size") { $0.size($1, $2, in: 64 << 10...1 << 32) }
    assign(&recorder.files, section, "files") { $0.integer($1, $2, in: 1...10_000) }
    assign(&recorder.filesSize, section, "files_size") { $0.size($1, $2, in: 64 << 10...1 << 40) }
    if recorder.fileSize > recorder.filesSize {
      let sizes = "file_size (\(Self.sizeText(recorder.fileSize))) is more than files_size"
      let place = section["file_size"] ?? section["files_size"] ?? node
      report(place, "\(path): \(sizes) (\(Self.sizeText(recorder.filesSize))): such a file would not be kept")
    }
    return recorder
  }

  private mutating func history(_ node: Node, _ path: String) -> Settings.History? {
    guard let section = section(node, path: path, keys: ["for", "size"]) else { return nil }
    var history = Settings.History()
    assign(&history.duration, section, "for") { $0.duration($1, $2, in: Seconds(3600)...Seconds(999 * 86_400)) }
    assign(&history.size, section, "size") { $0.size($1, $2, in: 0...1 << 40) }
    if let node = section["size"], (1..<Self.smallestHistory).contains(history.size) {
      report(node, "\(section.path(of: "size")): \(node.kind) is too little: 1MiB at least, or 0 to keep no file")
    }
    return history
  }

  private static let smallestHistory = 1 << 20

  private mutating func log(_ node: Node, _ path: String) -> Settings.Log? {
    guard let section = section(node, path: path, keys: ["level", "format"]) else { return nil }
    var log = Settings.Log()
    assign(&log.level, section, "level") { $0.choice($1, $2) }
    assign(&log.format, section, "format") { $0.choice($1, $2) }
    return log
  }
}
