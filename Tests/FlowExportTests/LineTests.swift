import Foundation
import Glibc
import Logging
import Monitoring
import PacketDecoding
import Testing

@testable import FlowExport

@Suite("JSON lines") struct LineTests {
  private static func scratch() throws -> URL {
    let directory = FileManager.default.temporaryDirectory.appending(path: "flow-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    return directory
  }

  private static func serials(_ file: URL) throws -> Int {
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.isEmpty || text.hasSuffix("\n"))
    for line in text.split(separator: "\n") {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(object?["closed_first"] as? String == "server")
    }
    return text.split(separator: "\n").count
  }

  @Test func rotation() throws {
    let directory = try Self.scratch()
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.appending(path: "c.jsonl").path
    let size = JSONLines([try Fixtures.record()]).bytes.count
    let file = LineFile(path: path, maximumSize: 3 * size, kept: 2)
    for serial in UInt64(1)...10 {
      #expect(file.send([try Fixtures.record(serial)], Patience()) == Sent(1))
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    #expect(names == ["c.jsonl", "c.jsonl.1", "c.jsonl.2"])
    #expect(try names.map { try Self.serials(directory.appending(path: $0)) } == [1, 3, 3])
  }

  @Test("logrotate moves the file, or it is told to reopen") func moved() throws {
    let directory = try Self.scratch()
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.appending(path: "c.jsonl")
    let file = LineFile(path: path.path, maximumSize: 0, kept: 0)
    _ = file.send([try Fixtures.record()], Patience())
    let away = directory.appending(path: "away")
    try FileManager.default.moveItem(at: path, to: away)
    _ = file.send([try Fixtures.record(), try Fixtures.record()], Patience())
    file.reopen()
    _ = file.send([try Fixtures.record()], Patience())
    #expect(try Self.serials(away) == 1)
    #expect(try Self.serials(path) == 3)
  }

  @Test func noSuchDirectory() throws {
    let sent = LineFile(path: "/nowhere/at/all", maximumSize: 0, kept: 0).send([try Fixtures.record()], Patience())
    #expect(sent == Sent(0, failure: "cannot open it: No such file or directory"))
  }

  @Test("The rest of a cut line goes before any other") func cutLines() throws {
    let lines = JSONLines([try Fixtures.record(1), try Fixtures.record(2)])
    var written: [UInt8] = []
    var room = lines.ends[0] + 10
    var rest = LineRest()
    func write(_ bytes: ArraySlice<UInt8>) -> Result<Int, WriteFailure> {
      guard room > 0 else { return .failure(WriteFailure("full")) }
      let count = min(bytes.count, room, 100)
      written += bytes.prefix(count)
      room -= count
      return .success(count)
    }
    #expect(rest.send(lines, write) == Sent(2, failure: "full"), "both are on their way")
    room = .max
    #expect(rest.send(JSONLines([try Fixtures.record(3)]), write) == Sent(1))
    #expect(written == lines.bytes + JSONLines([try Fixtures.record(3)]).bytes)
  }

  @Test(arguments: [(0, 0.5), (1, 1), (2, 2), (5, 16), (6, 30), (60, 30)])
  func backOff(_ failures: Int, _ seconds: Double) {
    #expect(Double(BackOff.pause(after: failures)) / 1e9 == seconds)
  }

  @Test("A stuck reader costs a bounded queue, and what is dropped is counted") func bounded() throws {
    var descriptors: [Int32] = [0, 0]
    try #require(unsafe pipe(&descriptors) == 0)
    defer { descriptors.forEach { close($0) } }
    let writeEnd = descriptors[1]
    let output = FlowOutput(kind: "json", name: "pipe", filter: .all, queue: 10) { LinePipe(descriptor: writeEnd) }
    let lane = FlowLane(output, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let closed = try #require(try Closes.some(12).first)
    for _ in 0..<1000 { lane.offer(FlowBatch(Array(repeating: closed, count: 5), interfaces: []), lost: 0) }
    lane.offer(FlowBatch([], interfaces: []), lost: 3)
    lane.stop(within: Seconds(nanoseconds: 100_000_000))
    #expect(lane.join(until: .now + .seconds(20)))
    let status = lane.status
    #expect(status.exported + status.dropped == 5003 && status.dropped > 3 && status.waiting == 0, "\(status)")
  }
}
