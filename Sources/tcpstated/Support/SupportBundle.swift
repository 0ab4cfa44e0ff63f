import Alerting
import Foundation
import Glibc
import Settings

/// What somebody who is to help needs to see of a host: collected, and then made fit to be shown.
struct SupportBundle {
  struct Part {
    let name: String
    /// For whoever decides whether to send it.
    let what: String
    var content: [UInt8]
  }

  private(set) var parts: [Part] = []
  private var pseudonyms: Pseudonyms

  struct Options {
    var url = DaemonURL.standard
    var configuration: String?
    var logLines = 500
    var keepsAddresses = false
    var keepsNames = false
  }

  init(_ options: Options) {
    pseudonyms = Pseudonyms(hidesAddresses: !options.keepsAddresses, hidesNames: !options.keepsNames)
    let facts = HostFacts.read(configuration: options.configuration)
    pseudonyms.hide(Self.hostName, .host)
    add("system.txt", "version, kernel, distribution, processors and memory", Self.system(facts))
    add("doctor.txt", "what tcpstated doctor says", Self.doctor(facts))
    addConfiguration(options.configuration ?? CheckConfigCommand.standardPath)
    addAnswers(DaemonClient(url: options.url))
    add("log.txt", "the last \(options.logLines) lines of the journal of tcpstated.service", Self.log(options.logLines))
    let notes = Self.notes(parts, options)
    for index in parts.indices { parts[index].content = pseudonyms.replace(in: parts[index].content) }
    parts.insert(Part(name: "README", what: "what is in here, and what was hidden", content: Array(notes.utf8)), at: 0)
  }

  /// The files in a directory of this name.
  func archive(named name: String) throws -> [UInt8] {
    var file = TarFile(time: Int64(Date().timeIntervalSince1970))
    for part in parts { file.add("\(name)/\(part.name)", part.content) }
    file.finish()
    return try Gzip.compress(file.bytes)
  }

  private mutating func add(_ name: String, _ what: String, _ text: String) {
    parts.append(Part(name: name, what: what, content: Array(text.utf8)))
  }

  // MARK: Of the daemon

  private mutating func addAnswers(_ client: DaemonClient) {
    for (name, what, path) in [
      ("status.json", "counts, services, interfaces, kernel, namespaces", "/api/v1/status"),
      ("alerts.json", "alerts with their evidence and sample connections", "/api/v1/alerts"),
      ("findings.json", "findings with their figures", "/api/v1/findings"),
      ("destinations.json", "ports in use towards each destination", "/api/v1/destinations"),
      ("metrics.txt", "what Prometheus sees", "/metrics"),
    ] {
      do {
        let answer = try client.get(path)
        if let document = try? JSONPart(answer) { hideNames(in: document) }
        parts.append(Part(name: name, what: what, content: answer))
      } catch {
        add(name, "\(what): not there", "\(error)\n")
      }
    }
  }

  /// Of the members that hold one.
  private mutating func hideNames(in part: JSONPart, as kind: Pseudonyms.Kind? = nil) {
    switch part.kind {
    case .object(let members):
      for member in members { hideNames(in: member.part, as: kind ?? Self.kind(of: member.name)) }
    case .array(let elements):
      for element in elements { hideNames(in: element, as: kind == .label ? nil : kind) }
    case .string(let name):
      guard let kind else { return }
      pseudonyms.hide(name, kind)
    case .literal: break
    }
  }

  private static func kind(of member: String) -> Pseudonyms.Kind? {
    switch member {
    case "host": .host
    case "unit", "owner", "command": .unit
    case "namespace": .name
    default: nil
    }
  }

  // MARK: Of the configuration

  private mutating func addConfiguration(_ path: String) {
    let files = Settings.files(of: path)
    guard !files.isEmpty else {
      return add("config.yaml", "no configuration", "There is no \(path): the defaults hold.\n")
    }
    for (number, file) in files.enumerated() {
      let name = number == 0 ? "config.yaml" : "config.\(number).yaml"
      add(name, "\(file.path) without comments and secrets", "# \(file.path)\n" + Secrets.leaveOut(of: file.text))
    }
    let settings = try? Settings.load(path: path)
    for label in settings?.labels ?? [] { pseudonyms.hide(label.value, .label) }
    for host in settings?.http.allowedHosts ?? [] { pseudonyms.hide(host, .host) }
    for namespace in settings?.netns ?? [] where namespace != "all" { pseudonyms.hide(namespace, .name) }
    for unit in settings?.alerts.flatMap(\.filter.units) ?? [] where !unit.contains("*") {
      pseudonyms.hide(unit, .unit)
    }
  }

  // MARK: Of the host

  private static var hostName: String { ProcessInfo.processInfo.hostName }

  private static func system(_ facts: HostFacts) -> String {
    var name = utsname()
    // Its fields stay empty when it fails.
    _ = unsafe uname(&name)
    let kernel = [text(name.sysname), text(name.release), text(name.version), text(name.machine)]
    let release = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
    let distribution = release.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
    let process = ProcessInfo.processInfo
    return [
      "tcpstated \(TCPStated.version)", kernel.joined(separator: " "), distribution.map(String.init) ?? "",
      facts.libpcap, "processors \(process.processorCount)", "memory \(process.physicalMemory >> 20) MiB",
    ].filter { !$0.isEmpty }.joined(separator: "\n") + "\n"
  }

  /// A field of a C struct that is an array of characters.
  private static func text<Field>(_ field: Field) -> String {
    unsafe withUnsafeBytes(of: field) { bytes in unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
  }

  private static func doctor(_ facts: HostFacts) -> String {
    var page = Page()
    facts.findings.forEach { page.add($0) }
    return page.lines.joined(separator: "\n") + "\n"
  }

  /// What the journal has; why not, if it has none.
  private static func log(_ lines: Int) -> String {
    let journal = Process()
    journal.executableURL = URL(fileURLWithPath: "/usr/bin/journalctl")
    journal.arguments = ["--unit=tcpstated.service", "--lines=\(lines)", "--no-pager", "--quiet", "--output=short-iso"]
    let pipe = Pipe()
    (journal.standardOutput, journal.standardError, journal.standardInput) = (pipe, pipe, FileHandle.nullDevice)
    do {
      try journal.run()
      let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
      journal.waitUntilExit()
      return output.isEmpty
        ? "The journal has nothing of tcpstated.service.\n" : String(decoding: output, as: UTF8.self)
    } catch {
      return "journalctl cannot be run.\n"
    }
  }

  private static func notes(_ parts: [Part], _ options: Options) -> String {
    let hidden = [
      options.keepsAddresses ? "IP addresses are the real ones." : addressNote,
      options.keepsNames ? "Names of hosts, units and labels are the real ones." : nameNote,
      "Comments, secrets, and what follows the host in URLs are left out of the configuration.",
    ]
    let width = parts.reduce(0) { max($0, $1.name.count) } + 2
    let list = parts.map { "  " + $0.name + String(repeating: " ", count: width - $0.name.count) + $0.what }
    return (["tcpstated \(TCPStated.version), support bundle", ""] + list + [""] + hidden).joined(separator: "\n")
      + "\n"
  }

  private static let addressNote = """
    IP addresses are replaced by others, the same for the same. Those of one network stay in one network, and private,
    link-local and multicast ones stay what they are; loopback is left as it is. The key is thrown away.
    """
  private static let nameNote = """
    Names of this host, of units, containers, network namespaces and labels are replaced, the same for the same.
    """
}
