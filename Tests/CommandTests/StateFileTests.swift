import Alerting
import Foundation
import Logging
import PacketDecoding
import StateAccounting
import Synchronization
import Testing

@testable import Daemon

@Suite("The file that alerts are kept in")
struct StateFileTests {
  private let path = FileManager.default.temporaryDirectory.path + "/alerts-\(UUID().uuidString.prefix(8)).json"
  private let said = LogLines()

  private var file: StateFile {
    StateFile(path: path, logger: Logger(label: "test") { [said] _ in said.handler })
  }

  private func load() -> SavedAlerts? { file.load(SavedAlerts.self) { $0.version == SavedAlerts.currentVersion } }

  private func saved() -> SavedAlerts {
    let rule = AlertRule(name: "left", metric: .exhaustionSeconds, raise: 60, hold: .zero)
    var evaluator = AlertEvaluator(rules: [rule])
    var readings = AlertReadings(accounts: Accounts(), knowsLocal: true)
    let destination = Endpoint(address: IPAddress(ipv4: 0x0A00_0005), port: 5432)
    readings.ports = [PortReading(destination: destination, usedPercent: 90, exhaustion: Seconds(30))]
    let now = Instant(nanoseconds: 1_000_000_000)
    _ = evaluator.evaluate(readings, at: now, wallClock: Timestamp(nanoseconds: 5))
    // No end in sight any more: a value that is no number of JSON.
    readings.ports = []
    _ = evaluator.evaluate(readings, at: now + Seconds(1), wallClock: Timestamp(nanoseconds: 6))
    return evaluator.saved(at: now, wallClock: Timestamp(nanoseconds: 5))
  }

  @Test("What was saved is read back, and is for the owner alone")
  func roundTrip() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(load() == nil)
    let first = file
    first.save(SavedAlerts())
    first.save(saved())
    first.finish(within: Seconds(20))
    let back = try #require(load())
    #expect(try JSONEncoder.lenient.encode(back) == JSONEncoder.lenient.encode(saved()))
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(said.lines.isEmpty)
  }

  @Test(
    "A file that cannot be used is put aside, and said once",
    arguments: [
      ("", "it is damaged"), ("{", "it is damaged"), ("[]", "it is damaged"), ("{\"version\":1}", "it is damaged"),
      (#"{"version":2,"instances":[],"lastFired":[],"resolved":[]}"#, "it was written by another version"),
    ]
  )
  func unusable(_ text: String, _ reason: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path + ".unreadable") }
    #expect(load() == nil)
    #expect(said.lines.count == 1)
    #expect(said.lines.first?.contains(reason) == true)
    #expect(FileManager.default.fileExists(atPath: path + ".unreadable"))
    #expect(load() == nil)
    #expect(said.lines.count == 1)
  }

  @Test("What could not be written is written when it can be, though nothing changes any more")
  func again() throws {
    let directory = path + ".d"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let file = StateFile(path: directory + "/alerts.json", logger: Logger(label: "test") { [said] _ in said.handler })
    file.save(saved())
    file.finish(within: Seconds(20))
    #expect(said.lines.count == 1)
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    file.finish(within: Seconds(20))
    let kept = file.load(SavedAlerts.self) { $0.version == SavedAlerts.currentVersion }
    #expect(try JSONEncoder.lenient.encode(kept) == JSONEncoder.lenient.encode(saved()))
    #expect(said.lines.count == 1)
  }

  @Test("A place that cannot be written is said once, and stops nothing")
  func unwritable() {
    let file = StateFile(path: "/proc/nowhere/alerts.json", logger: Logger(label: "test") { [said] _ in said.handler })
    for _ in 0..<3 {
      file.save(SavedAlerts())
      file.finish(within: Seconds(20))
    }
    #expect(said.lines.count == 1)
  }
}

extension JSONEncoder {
  fileprivate static var lenient: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf",
      negativeInfinity: "-inf",
      nan: "nan"
    )
    return encoder
  }
}

/// Keeps what is logged.
private final class LogLines: Sendable {
  private let kept = Mutex<[String]>([])

  var lines: [String] { kept.withLock { $0 } }
  var handler: any LogHandler { Handler(lines: self) }

  private struct Handler: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.kept.withLock { $0.append("\(event.message)") } }
  }
}
