import Alerting
import Foundation
import Logging
import PacketDecoding
import Testing

@testable import Daemon

/// Capture files of alerts on disk.
@Suite struct CaptureDirectoryTests {
  private static func directory(_ scratch: Scratch, count: Int = 3, size: Int = 100) -> CaptureDirectory {
    CaptureDirectory(path: scratch.path + "/captures", count: count, size: size, logger: Logger(label: "test"))
  }

  private static func names(_ directory: CaptureDirectory) throws -> [String] {
    directory.finish()
    return try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
  }

  @Test func theOldestGoWhenThereAreTooMany() throws {
    let scratch = try Scratch()
    let directory = Self.directory(scratch)
    for name in ["20260105T1-b", "20260101T1-c", "20260103T1-a", "20260104T1-a"] {
      directory.write([1], name: name) { _ in }
    }
    #expect(try Self.names(directory) == ["20260103T1-a", "20260104T1-a", "20260105T1-b"].map { $0 + ".pcapng" })
  }

  @Test func theOldestGoWhenTheyAreTooLarge() throws {
    let scratch = try Scratch()
    let directory = Self.directory(scratch)
    for (name, size) in [("1", 40), ("2", 40), ("3", 60), ("4", 101)] {
      directory.write([UInt8](repeating: 7, count: size), name: name) { _ in }
    }
    // The last has no room, whatever goes.
    #expect(try Self.names(directory) == ["2.pcapng", "3.pcapng"])
  }

  @Test func whatWasNotFinishedGoes() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(atPath: scratch.path + "/captures", withIntermediateDirectories: false)
    // Of a run that was killed; one that cannot be put in its place, for a directory has its name; somebody else's.
    for name in ["0.pcapng.new", "2.pcapng/in-the-way", "mine.new"] {
      let url = URL(fileURLWithPath: "\(scratch.path)/captures/\(name)")
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data([1]).write(to: url)
    }
    let directory = Self.directory(scratch)
    directory.write([1], name: "1") { _ in }
    directory.write([2], name: "2") { _ in }
    #expect(try Self.names(directory) == ["1.pcapng", "2.pcapng", "mine.new"])
  }

  @Test func theyAreForTheOwnerAloneAndOthersFilesStay() throws {
    let scratch = try Scratch()
    let directory = Self.directory(scratch, count: 1)
    directory.write([1], name: "1") { _ in }
    _ = try Self.names(directory)
    try Data([1]).write(to: URL(fileURLWithPath: directory.path + "/0.txt"))
    directory.write([2, 3], name: "2") { _ in }
    #expect(try Self.names(directory) == ["0.txt", "2.pcapng"])
    for (path, mode) in [(directory.path, 0o700), (directory.path + "/2.pcapng", 0o600)] {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == mode)
    }
  }
}

@Suite struct RecordingCommentTests {
  private static var alert: AlertStatus {
    AlertStatus(
      id: "00c0ffee0001",
      name: "time-wait",
      state: .firing,
      severity: .critical,
      labels: [],
      value: 312,
      raise: 300,
      clear: 240,
      since: Timestamp(nanoseconds: 0),
      summary: "312 held by a\u{1b}[2J\nb.service"
    )
  }

  @Test func namesTheAlertItsRuleAndHowManyConnectionsWereLeftOut() {
    let start = Timestamp(nanoseconds: 0)
    let whole = RecordingComment.of(Self.alert, "time-wait: warning when …", since: start, oneIn: 1)
    #expect(
      whole == """
        alert 00c0ffee0001
        rule time-wait: warning when …
        critical: 312 held by a\\u{1b}[2J\\u{a}b.service
        headers of packets since 1970-01-01T00:00:00.000000Z
        """
    )
    let sampled = "\none connection in 8 was recorded, chosen by a hash"
    #expect(RecordingComment.of(Self.alert, "r", since: start, oneIn: 8).hasSuffix(sampled))
    #expect(RecordingComment.of(last: Seconds(60), oneIn: 8) == "headers of the packets of the last 1 min" + sampled)
    #expect(RecordingComment.of(last: Seconds(60), oneIn: 1) == "headers of the packets of the last 1 min")
  }
}
