import Alerting
import Foundation
import Testing

@testable import Settings

/// A directory with the files of one test, which goes when the test is over.
final class Files {
  let directory: String

  init(_ files: [String: String]) throws {
    directory = FileManager.default.temporaryDirectory.path + "/settings-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory + "/conf.d", withIntermediateDirectories: true)
    for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)")) }
  }

  deinit {
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// The errors of `main.yaml`, without the directory.
  var errors: [String] {
    do throws(SettingsErrors) {
      _ = try Settings.load(path: directory + "/main.yaml")
      return []
    } catch {
      return error.errors.map { $0.description.replacingOccurrences(of: directory + "/", with: "") }
    }
  }
}

@Suite("Files and what they include")
struct FileTests {
  private static let rule = "alerts: [{name: extra, metric: close_wait, raise: 50}]"

  @Test("A directory adds labels and alerts, in the order of names")
  func directory() throws {
    let files = try Files([
      "main.yaml": "include: [conf.d]\nlabels: {a: 1}\n",
      "conf.d/20.yml": "labels: {c: 3}",
      "conf.d/10.yaml": Self.rule + "\nlabels: {b: 2}",
      "conf.d/30.txt": "not: read",
    ])
    let settings = try Settings.load(path: files.directory + "/main.yaml")
    #expect(settings.labels.map(\.name) == ["a", "b", "c"])
    #expect(settings.alerts.map(\.name) == ["time-wait", "extra"])
    #expect(settings.include == ["conf.d"])
  }

  @Test("The default rule goes when the main file says what to watch, or an included one takes its name")
  func defaultRule() throws {
    let none = try Files(["main.yaml": "include: [conf.d/*.yaml]\nalerts: []", "conf.d/1.yaml": Self.rule])
    #expect(try Settings.load(path: none.directory + "/main.yaml").alerts.map(\.name) == ["extra"])
    let own = "alerts: [{name: time-wait, metric: time_wait, raise: 1000}]"
    let taken = try Files(["main.yaml": "include: [conf.d]", "conf.d/1.yaml": own])
    #expect(try Settings.load(path: taken.directory + "/main.yaml").alerts.map(\.raise) == [1000])
  }

  @Test("Errors name the file they are in")
  func errors() throws {
    let files = try Files([
      "main.yaml": "include: [conf.d]\nlabels: {a: 1}\n" + Self.rule,
      "conf.d/1.yaml": Self.rule + "\nlabels: {a: 2}",
      "conf.d/2.yaml": "include: [../main.yaml]\nlabls: {}",
      "conf.d/3.yaml": "a: b: c",
    ])
    #expect(
      files.errors == [
        #"conf.d/1.yaml:1:17: alerts.name: there is a rule "extra" already"#,
        #"conf.d/1.yaml:2:10: labels: "a" is set in another file"#,
        #"conf.d/2.yaml:1:1: "include" belongs in the main file: an included one adds labels and alerts"#,
        #"conf.d/2.yaml:2:1: unknown key "labls": did you mean "labels"?"#,
        "conf.d/3.yaml:1:5: mapping values are not allowed in this context",
      ]
    )
  }

  @Test("A file that is named must be there; a pattern may match nothing")
  func missing() throws {
    let files = try Files(["main.yaml": "include: [none.yaml, 'conf.d/*.yaml', conf.d]"])
    #expect(files.errors == [#"main.yaml:1:11: include: there is no "none.yaml""#])
  }

  @Test("What cannot be read says so")
  func unreadable() throws {
    #expect(try Files([:]).errors == ["main.yaml: cannot be opened: No such file or directory"])
    let directory = try Files([:])
    try FileManager.default.createDirectory(
      atPath: directory.directory + "/main.yaml",
      withIntermediateDirectories: true
    )
    #expect(directory.errors == ["main.yaml: cannot be read: Is a directory"])
    let pipe = try Files([:])
    let isMade = unsafe mkfifo(pipe.directory + "/main.yaml", 0o600) == 0
    #expect(isMade)
    #expect(pipe.errors == ["main.yaml: is a pipe: the configuration must be a file"])
    let large = try Files(["main.yaml": String(repeating: "#", count: 1 << 21)])
    #expect(large.errors == ["main.yaml: is larger than 1 MiB"])
  }

  @Test("A line that is not UTF-8")
  func notText() throws {
    let files = try Files([:])
    try Data("log: {}\n# \u{E9}\n".unicodeScalars.map { UInt8($0.value) })
      .write(to: URL(fileURLWithPath: files.directory + "/main.yaml"))
    #expect(files.errors == ["main.yaml:2:1: this line is not UTF-8"])
  }

  private static let documented = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../config/tcpstated.yaml").standardized.path

  @Test(
    "The documented configuration holds every default",
    .enabled(if: FileManager.default.fileExists(atPath: documented))
  )
  func documentedDefaults() throws {
    #expect(try Settings.load(path: Self.documented) == Settings())
  }
}
