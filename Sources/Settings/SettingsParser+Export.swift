import Alerting
import Monitoring
import PacketDecoding
import Reporting
import Yams

extension SettingsParser {
  mutating func export(_ node: Node, _ path: String) -> Settings.Export? {
    guard let section = section(node, path: path, keys: ["json", "ipfix", "remote_write"]) else { return nil }
    var export = Settings.Export()
    assign(&export.lines, section, "json") { $0.listOfLines($1, $2) }
    assign(&export.collectors, section, "ipfix") { $0.list($1, $2) { $0.collector($1, $2) } }
    assign(&export.remoteWrites, section, "remote_write") { $0.list($1, $2) { $0.remoteWrite($1, $2) } }
    return export
  }

  // MARK: JSON lines

  /// Of two with one place each line would be there twice, and a file be moved away by both.
  private mutating func listOfLines(_ node: Node, _ path: String) -> [Settings.Lines]? {
    var taken: Set<String> = []
    return list(node, path) { parser, node, path in
      guard let lines = parser.lines(node, path) else { return nil }
      if !taken.insert(lines.destination.place).inserted {
        parser.report(node, "\(path): \(lines.destination.place) is given twice")
      }
      return lines
    }
  }

  private mutating func lines(_ node: Node, _ path: String) -> Settings.Lines? {
    let keys = ["file", "stdout", "socket", "max_size", "keep", "type", "filter", "queue"]
    guard let section = section(node, path: path, keys: keys), let destination = destination(section) else {
      return nil
    }
    var lines = Settings.Lines(destination)
    assign(&lines.filter, section, "filter") { $0.filter($1, $2) }
    assign(&lines.queue, section, "queue") { $0.queue($1, $2) }
    return lines
  }

  private mutating func destination(_ section: Section) -> Settings.Lines.Destination? {
    let given = ["file", "stdout", "socket"].filter { section[$0] != nil }
    guard given.count == 1 else {
      report(section.node, "\(section.path): needs one of file, stdout and socket, not \(given.count)")
      return nil
    }
    let foreign = ["max_size": "file", "keep": "file", "type": "socket"]
    for (key, owner) in foreign.sorted(by: { $0.key < $1.key }) where owner != given[0] {
      if let node = section[key] { report(node, "\(section.path(of: key)): goes with \(owner), not with \(given[0])") }
    }
    switch given[0] {
    case "file":
      var (maximumSize, kept) = (100 << 20, 5)
      assign(&maximumSize, section, "max_size") { $0.size($1, $2, in: 0...1 << 40) }
      assign(&kept, section, "keep") { $0.integer($1, $2, in: 0...1000) }
      guard let node = section["file"], let file = existing(node, section.path(of: "file")) else { return nil }
      return .file(file, maximumSize: maximumSize, kept: kept)
    case "stdout":
      guard let node = section["stdout"], let isOn = bool(node, section.path(of: "stdout")) else { return nil }
      if !isOn { report(node, "\(section.path(of: "stdout")): is true, or not there") }
      return .standardOutput
    default:
      var type = SocketType.stream
      assign(&type, section, "type") { $0.choice($1, $2) }
      guard let node = section["socket"], let socket = existing(node, section.path(of: "socket")) else { return nil }
      guard socket.utf8.count < 108 else {
        report(node, "\(section.path(of: "socket")): needs an absolute path of at most 107 bytes, not \(node.kind)")
        return nil
      }
      return .socket(socket, isDatagram: type == .datagram)
    }
  }

  private enum SocketType: String, CaseIterable {
    case stream, datagram
  }

  /// A path that must be given.
  private mutating func existing(_ node: Node, _ path: String) -> String? {
    if node.isNull { report(node, "\(path): needs an absolute path, not nothing") }
    return self.path(node, path)
  }

  private mutating func filter(_ node: Node, _ path: String) -> ConnectionFilter? {
    if node.isNull { return .all }
    guard let text = text(node, path) else { return nil }
    do {
      return try ConnectionFilter(parsing: text)
    } catch {
      report(node, "\(path): \(error)")
      return nil
    }
  }

  private mutating func queue(_ node: Node, _ path: String) -> Int? { integer(node, path, in: 1...1_000_000) }

  // MARK: IPFIX

  private mutating func collector(_ node: Node, _ path: String) -> Settings.Collector? {
    let keys = [
      "collector", "transport", "flows", "enterprise_number", "observation_domain", "message_size",
      "template_interval", "filter", "queue",
    ]
    guard let section = section(node, path: path, keys: keys) else { return nil }
    guard let place = section["collector"] else {
      report(node, "\(path): needs a collector: an address and a port such as 192.0.2.1:4739")
      return nil
    }
    guard let endpoint = endpoint(place, section.path(of: "collector")), endpoint.port > 0 else { return nil }
    var collector = Settings.Collector(endpoint)
    assign(&collector.transport, section, "transport") { $0.choice($1, $2) }
    assign(&collector.flows, section, "flows") { $0.choice($1, $2) }
    assign(&collector.enterpriseNumber, section, "enterprise_number") { $0.enterpriseNumber($1, $2) }
    assign(&collector.observationDomain, section, "observation_domain") { parser, node, path in
      parser.integer(node, path, in: 0...Int(UInt32.max)).map { UInt32($0) }
    }
    assign(&collector.messageSize, section, "message_size") { $0.integer($1, $2, in: 576...65_507) }
    assign(&collector.templateInterval, section, "template_interval") {
      $0.duration($1, $2, in: Seconds(1)...Seconds(86_400))
    }
    assign(&collector.filter, section, "filter") { $0.filter($1, $2) }
    assign(&collector.queue, section, "queue") { $0.queue($1, $2) }
    return collector
  }

  /// 0 is reserved, and these two are others': reverse elements (RFC 5103) and CERT.
  private mutating func enterpriseNumber(_ node: Node, _ path: String) -> UInt32?? {
    if node.isNull { return .some(nil) }
    guard let number = integer(node, path, in: 1...Int(UInt32.max)) else { return nil }
    guard number != 29_305, number != 6871 else {
      report(node, "\(path): \(number) belongs to somebody else; IANA gives your organization a number of its own")
      return nil
    }
    return UInt32(number)
  }

  // MARK: Remote write

  private mutating func remoteWrite(_ node: Node, _ path: String) -> Settings.RemoteWrite? {
    let keys = [
      "url", "interval", "labels", "username", "password_file", "bearer_token_file", "ca_file", "timeout", "queue",
    ]
    guard let section = section(node, path: path, keys: keys) else { return nil }
    guard let place = section["url"] else {
      report(node, "\(path): needs a url such as https://metrics.example:9090/api/v1/write")
      return nil
    }
    guard let url = place.scalar.flatMap({ WebAddress($0.string) }) else {
      report(place, "\(section.path(of: "url")): needs an http or https URL without a user, not \(place.kind)")
      return nil
    }
    var target = Settings.RemoteWrite(url)
    assign(&target.interval, section, "interval") { $0.duration($1, $2, in: Seconds(1)...Seconds(3600)) }
    assign(&target.labels, section, "labels") { $0.seriesLabels($1, $2) }
    assign(&target.username, section, "username") { $0.text($1, $2) }
    assign(&target.passwordFile, section, "password_file") { $0.secret($1, $2) }
    assign(&target.bearerTokenFile, section, "bearer_token_file") { $0.secret($1, $2) }
    assign(&target.certificates, section, "ca_file") { $0.path($1, $2) }
    assign(&target.timeout, section, "timeout") { $0.duration($1, $2, in: Seconds(1)...Seconds(300)) }
    assign(&target.queue, section, "queue") { $0.integer($1, $2, in: 1...10_000) }
    if (target.username == nil) != (target.passwordFile == nil) {
      report(node, "\(path): username and password_file go together")
    }
    if target.username != nil, target.bearerTokenFile != nil {
      report(node, "\(path): needs either a username or a bearer_token_file, not both")
    }
    return target
  }

  /// Labels of series have no names that series have already.
  private mutating func seriesLabels(_ node: Node, _ path: String) -> [Label]? {
    guard let labels = labels(node, path, besides: []) else { return nil }
    for label in labels {
      if MetricLabel(rawValue: label.name) != nil {
        report(node, "\(path): \"\(label.name)\" is a label that series have already")
      } else if label.name.hasPrefix("__") {
        report(node, "\(path): \"\(label.name)\" begins with __, which is reserved")
      }
    }
    return labels
  }
}
