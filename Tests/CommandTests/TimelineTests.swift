import Foundation
import Glibc
import PacketCapture
import PacketDecoding
import Testing

@testable import tcpstated

@Suite struct TimelineTests {
  /// Writes down what it is given: `eth0` for an interface, `0@5:17` for octet 17 at second 5 on interface 0.
  struct Recorder: FrameSink, ~Copyable {
    var events: [String] = []

    mutating func declare(_ interface: CaptureInterface) {
      events.append(interface.name.isEmpty ? "interface" : interface.name)
    }

    mutating func take(_ octets: RawSpan, _ frames: Span<FrameRecord>) {
      for index in frames.indices { take(octets.extracting(frames[index].range), frames[index].info) }
    }

    private mutating func take(_ frame: RawSpan, _ info: FrameInfo) {
      let octet = frame.byteCount > 0 ? unsafe frame.unsafeLoad(fromByteOffset: 0, as: UInt8.self) : 0
      events.append("\(info.interface)@\(info.timestamp.nanoseconds / 1_000_000_000):\(octet)")
    }
  }

  static func events(_ paths: [String]) throws -> [String] {
    var recorder = Recorder()
    var timeline = try Timeline(paths: paths, filter: nil)
    try timeline.read(into: &recorder)
    return recorder.events
  }

  @Test func ordersFilesByTheirFirstPackets() throws {
    let scratch = try Scratch()
    let late = try scratch.write("late.pcap", CaptureText.pcap([(20, [3]), (21, [4])]))
    let empty = try scratch.write("empty.pcap", CaptureText.pcap([]))
    let early = try scratch.write("early.pcap", CaptureText.pcap([(10, [1]), (11, [2])]))
    #expect(try Self.events([late, empty, early]) == ["interface", "0@10:1", "0@11:2", "0@20:3", "0@21:4"])
    #expect(try Timeline(paths: [late, empty, early], filter: nil).names == [early, late, empty])
  }

  @Test func readsAPipeInItsPlace() throws {
    let scratch = try Scratch()
    let late = try scratch.write("late.pcap", CaptureText.pcap([(20, [3])]))
    let pipe = scratch.path + "/pipe"
    #expect(unsafe mkfifo(pipe, 0o600) == 0)
    let bytes = CaptureText.pcap([(10, [1]), (11, [2])])
    Thread { try? Data(bytes).write(to: URL(fileURLWithPath: pipe)) }.start()
    #expect(try Self.events([late, pipe]) == ["interface", "0@10:1", "0@11:2", "0@20:3"])
  }

  @Test func knowsInterfacesThatComeLater() throws {
    let scratch = try Scratch()
    var bytes = CaptureText.sectionHeader + CaptureText.interface(1, name: "eth0")
    bytes += CaptureText.packet(interface: 0, second: 1, [1]) + CaptureText.interface(101, name: "tun0")
    bytes += CaptureText.packet(interface: 1, second: 2, [2]) + CaptureText.packet(interface: 0, second: 3, [3])
    let first = try scratch.write("first.pcapng", bytes)
    let second = try scratch.write(
      "second.pcapng",
      CaptureText.sectionHeader + CaptureText.interface(101, name: "tun0")
        + CaptureText.packet(interface: 0, second: 9, [4])
    )
    #expect(try Self.events([first, second]) == ["eth0", "tun0", "0@1:1", "1@2:2", "0@3:3", "1@9:4"])
  }

  @Test func saysWhereAFileIsDamaged() throws {
    let scratch = try Scratch()
    let bytes = CaptureText.pcap([(10, [1]), (11, [2])])
    let path = try scratch.write("cut.pcap", bytes.dropLast(1))
    var recorder = Recorder()
    var timeline = try Timeline(paths: [path], filter: nil)
    try timeline.read(into: &recorder)
    #expect(recorder.events == ["interface", "0@10:1"])
    #expect(timeline.packets == 1)
    #expect(timeline.damage.count == 1)
    #expect(timeline.damage.first?.hasPrefix("\(path): damaged at byte \(24 + 17)") == true)
  }

  @Test func refusesWhatIsNoCaptureBeforeReadingAnything() throws {
    let scratch = try Scratch()
    let good = try scratch.write("good.pcap", CaptureText.pcap([(1, [1])]))
    let bad = try scratch.write("notes.txt", Array("no capture at all".utf8))
    #expect(throws: CaptureError.self) { _ = try Timeline(paths: [good, bad], filter: nil) }
    #expect(throws: CaptureError.self) { _ = try Timeline(paths: [good, scratch.path + "/missing"], filter: nil) }
  }

  @Test func tellsHowFarItIs() throws {
    let scratch = try Scratch()
    let paths = try (0..<2).map {
      try scratch.write(
        "\($0).pcap",
        CaptureText.pcap([(second: UInt32($0), octets: [UInt8](repeating: 7, count: 100))])
      )
    }
    var recorder = Recorder()
    var timeline = try Timeline(paths: paths, filter: nil)
    var seen: [Double] = []
    try timeline.read(into: &recorder) { seen.append($1 ?? -1) }
    #expect(seen == [0.5, 1])
  }
}
