import ArgumentParser
import Foundation
import Testing

@testable import tcpstated

/// The command as a whole, from files to a file.
@Suite struct AnalyzeTests {
  static let client = Frames.End(address: 0x0A01_0203, port: 40_000)
  static let otherClient = Frames.End(address: 0x0A01_0204, port: 40_000)
  static let server = Frames.End(address: 0x0A64_DB09, port: 8081)
  static let refuser = Frames.End(address: 0x0A64_DB09, port: 22)

  static let capture = CaptureText.pcap(
    Frames.closedByServer(otherClient, server, second: 1000) + Frames.closedByServer(client, server, second: 1000)
      + Frames.refused(client, refuser, second: 1001)
  )

  let scratch: Scratch
  let file: String

  init() throws {
    scratch = try Scratch()
    file = try scratch.write("trace.pcap", Self.capture)
  }

  /// Runs it, and what it wrote.
  func analyze(_ arguments: String..., files: [String]? = nil) throws -> String {
    let words = ["analyze", "--output", scratch.path + "/out"] + arguments + (files ?? [file])
    var command = try TCPStated.parseAsRoot(words)
    try command.run()
    return try scratch.read("out")
  }

  /// Deadlines were in the past of such times, and always due.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [[5, 1 << 43], [1 << 43], [1 << 43, 5], [1 << 34, 1 << 44]] as [[UInt64]]
  )
  func comesToAnEndWhateverTheClockOfACapture(seconds: [UInt64]) throws {
    var bytes = CaptureText.sectionHeader + CaptureText.interface(1, name: "eth0")
    for (number, second) in seconds.enumerated() {
      let client = Frames.End(address: 0x0A01_0203, port: UInt16(40_000 + number))
      for frame in Frames.closedByServer(client, Self.server, second: 0) {
        bytes += CaptureText.packet(interface: 0, second: second, frame.octets)
      }
    }
    let capture = try scratch.write("far.pcapng", bytes)
    let report = try analyze("--format", "json", files: [capture])
    #expect(report.contains("\"connections\": \(seconds.count),"))
  }

  struct Report: Decodable {
    var packets: Int
    var connections: Int
    var open: Int
    var truncated: Bool
    var first: String?
    var closedFirst: [String: Int]
    var timeWait: EndPair
  }

  struct Line: Decodable {
    var clientAddress: String
    var serverPort: Int
    var closedFirst: String?
    var localSide: String?
  }

  func report(_ arguments: String..., files: [String]? = nil) throws -> Report {
    let text = try analyze("--format", "json", "--filter", arguments.first ?? "", files: files)
    return try JSONDecoder.ofTheAPI.decode(Report.self, from: Data(text.utf8))
  }

  func lines(_ text: String) throws -> [Line] {
    try text.split(separator: "\n").map { try JSONDecoder.ofTheAPI.decode(Line.self, from: Data($0.utf8)) }
  }

  @Test func tellsAPersonWhoClosedFirst() throws {
    #expect(
      try analyze() == """
        File          \(file)
        Packets       14, 14 of them TCP
        Time          1970-01-01T00:16:40.000000Z to 1970-01-01T00:16:41.000000Z (1 s)
        Connections   3, 0 open at the end
        Closed first  server 2 (100 %), client 0 (0 %), simultaneous 0 (0 %), nobody 1
        Ended by      fin 2, refused 1
        TIME_WAIT     servers 2 (peak 2), clients 0 (peak 0)

        States at the end
        STATE      CLIENTS  SERVERS
        TIME_WAIT        0        2

        Services
        SERVICE            CONNECTIONS  OPEN  CLOSED FIRST  SERVER TIME_WAIT  CLIENT TIME_WAIT
        10.100.219.9:8081            2     0  server 100 %                 2                 0
        10.100.219.9:22              1     0  -                            0                 0

        Clients
        CLIENT    SERVICE            CONNECTIONS  OPEN  TIME_WAIT  CLOSED FIRST  SOURCE PORTS
        10.1.2.4  10.100.219.9:8081            1     0          1  server 100 %  40000
        10.1.2.3  10.100.219.9:8081            1     0          1  server 100 %  40000
        10.1.2.3  10.100.219.9:22              1     0          0  -             40000

        """
    )
  }

  @Test func tellsAProgramTheSame() throws {
    let report = try report()
    #expect(report.packets == 14 && report.connections == 3 && report.open == 0 && !report.truncated)
    #expect(report.closedFirst == ["client": 0, "server": 2, "simultaneous": 0, "none": 1])
    #expect(report.timeWait == EndPair(client: 0, server: 2))
  }

  @Test func writesConnectionsByStartAndThenByClient() throws {
    let found = try lines(analyze("--format", "jsonl", "--local", "10.100.0.0/16"))
    #expect(found.map(\.clientAddress) == ["10.1.2.3", "10.1.2.4", "10.1.2.3"])
    #expect(found.map(\.serverPort) == [8081, 8081, 22])
    #expect(found.map(\.closedFirst) == ["server", "server", nil])
    #expect(found.allSatisfy { $0.localSide == "server" })
  }

  @Test func countsTheConnectionsThatAFilterSelects() throws {
    let refused = try report("kind refused")
    #expect(refused.connections == 1 && refused.closedFirst["none"] == 1)
    #expect(try report("client 10.1.2.3 and closed-first server").timeWait == EndPair(client: 0, server: 1))
    #expect(try lines(analyze("--format", "jsonl", "--filter", "dport 22")).map(\.serverPort) == [22])
    #expect(try report("state established").connections == 0)
  }

  @Test func everyFigureIsOfTheSelectionOrNull() throws {
    let all = try members("--local", "10.0.0.0/8")
    #expect(all["filter"] == nil)
    let (some, none) = (try members("--filter", "dport 22"), try members("--filter", "dport 23"))
    #expect([all, some, none].map { $0["packets"] as? Int } == [14, 2, 0])
    #expect([all, some, none].map { $0["tcp_packets"] as? Int } == [14, 2, 0])
    #expect(
      [all, some, none].map { $0["first"] as? String } == [
        "1970-01-01T00:16:40.000000Z", "1970-01-01T00:16:41.000000Z", nil,
      ]
    )
    #expect(some["time"] as? String == "1970-01-01T00:16:41.000000Z")
    #expect(some["filter"] as? String == "dport 22")
    for name in ["undecoded", "anomalies"] {
      #expect(all[name] is [String: Any])
      #expect(some[name] is NSNull)
    }
    for name in ["peak_client", "peak_server"] {
      #expect((all["time_wait"] as? [String: Any])?[name] is Int)
      #expect((some["time_wait"] as? [String: Any])?[name] is NSNull)
    }
    let text = try analyze("--filter", "dport 22")
    #expect(text.contains("\nFilter        dport 22 (what follows is of these alone)\nPackets       2, 2 of"))
    #expect(!text.contains("peak"))
  }

  private func members(_ arguments: String...) throws -> [String: Any] {
    let words = ["analyze", "--output", scratch.path + "/out", "--format", "json"] + arguments + [file]
    var command = try TCPStated.parseAsRoot(words)
    try command.run()
    return try #require(try JSONSerialization.jsonObject(with: Data(scratch.read("out").utf8)) as? [String: Any])
  }

  @Test func readsOnlyThePacketsOfAnExpression() throws {
    #expect(try analyze("--bpf", "port 22").contains("Packets       2, 2 of them TCP\n"))
    #expect(throws: Failure.self) { _ = try analyze("--bpf", "nonsense here") }
  }

  @Test func reportsUpToTheDamage() throws {
    let cut = try scratch.write("cut.pcap", Self.capture.dropLast(3))
    let report = try report(files: [cut])
    #expect(report.truncated && report.packets == 13)
    #expect(try analyze(files: [cut]).contains("\nTruncated     \(cut): damaged at byte"))
  }

  @Test func putsFilesInOrder() throws {
    let frames = Frames.closedByServer(Self.client, Self.server, second: 1000)
    let early = try scratch.write("early.pcap", CaptureText.pcap(Array(frames[..<3])))
    let late = try scratch.write("late.pcap", CaptureText.pcap(frames[3...].map { (second: 1001, octets: $0.octets) }))
    let report = try report(files: [late, early])
    #expect(report.connections == 1 && report.timeWait == EndPair(client: 0, server: 1))
    #expect(report.first == "1970-01-01T00:16:40.000000Z")
  }

  @Test func refusesWhatIsNoCapture() throws {
    let notes = try scratch.write("notes.txt", Array("no capture".utf8))
    let failure = #expect(throws: Failure.self) { _ = try analyze(files: [notes]) }
    #expect(failure?.description.hasPrefix("\(notes) is no capture file: ") == true)
    #expect(!scratch.names.contains("out"))
  }

  /// The first is over long before the last packet, and is written before it: in the order of ends, not of starts.
  @Test func streamWritesEachWhenItIsOver() throws {
    let long = Frames.frame(Self.client, Self.server, flags: Frames.syn, sequence: 100, acknowledgment: 0)
    let answer = Frames.frame(
      Self.server,
      Self.client,
      flags: Frames.syn | Frames.ack,
      sequence: 500,
      acknowledgment: 101
    )
    let opened = Frames.frame(Self.client, Self.server, flags: Frames.ack, sequence: 101, acknowledgment: 501)
    let capture = CaptureText.pcap(
      [(1000, long), (1000, answer), (1000, opened)]
        + Frames.closedByServer(Self.otherClient, Self.server, second: 1001)
        + Frames.refused(Self.otherClient, Self.refuser, second: 2000)
    )
    let file = try scratch.write("stream.pcap", capture)
    let ordered = try lines(try analyze("--format", "jsonl", files: [file]))
    #expect(ordered.map(\.clientAddress) == ["10.1.2.3", "10.1.2.4", "10.1.2.4"])
    let streamed = try lines(try analyze("--format", "jsonl", "--stream", files: [file]))
    #expect(streamed.map(\.clientAddress) == ["10.1.2.4", "10.1.2.3", "10.1.2.4"])
    #expect(Set(streamed.map(\.serverPort)) == Set(ordered.map(\.serverPort)))
    let selected = try lines(try analyze("--format", "jsonl", "--stream", "--filter", "port 22", files: [file]))
    #expect(selected.map(\.serverPort) == [22])
  }

  @Test(arguments: ["text", "json"])
  func streamIsForLines(_ format: String) {
    #expect(throws: (any Error).self) { try analyze("--format", format, "--stream") }
  }
}
