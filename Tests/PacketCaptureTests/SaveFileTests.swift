import Foundation
import PacketDecoding
import Testing

@testable import PacketCapture

@Suite struct SaveFileTests {
  private static let content: [UInt8] = {
    let file = PcapBuilder()
    return (0..<2000).reduce(into: file.header) { content, index in
      let port = UInt8(index % 2 == 0 ? 80 : 81)
      var frame = Frames.ethernet(0x0800, Frames.ipv4(6, Frames.tcp(Frames.ack)))
      frame[37] = port
      content += file.record(UInt32(index), 0, frame)
    }
  }()

  @Test("A gzip'd file, told by its first octets")
  func gzip() throws {
    let plain = try readFile(Self.content)
    let compressed = try readFile(Self.content, gzip: true)
    #expect(compressed.frames == plain.frames)
    #expect(compressed.damage == nil)
  }

  @Test("Several gzip members in a row, with padding at the end")
  func gzipMembers() throws {
    let first = try TemporaryFile(Array(Self.content.prefix(1000)), gzip: true).content()
    let second = try TemporaryFile(Array(Self.content.dropFirst(1000)), gzip: true).content()
    let result = try readFile(first + second + [UInt8](repeating: 0, count: 512))
    #expect(result.frames.count == 2000)
    #expect(result.damage == nil)
  }

  @Test("A gzip file with a wrong checksum gives its frames and is damaged")
  func gzipChecksum() throws {
    var content = try TemporaryFile(Self.content, gzip: true).content()
    content[content.count - 6] ^= 1
    let result = try readFile(content)
    #expect(result.frames.count > 1900)
    #expect(result.damage?.description.contains("of the decompressed data") == true)
  }

  @Test("Progress is told in octets of the file")
  func progress() throws {
    let temporary = try TemporaryFile(Self.content, gzip: true)
    var file = try SaveFile(path: temporary.path)
    let size = UInt64(try temporary.content().count)
    #expect(file.progress.total == size)
    _ = try file.readAll()
    #expect(file.progress.bytesRead == size)
  }

  @Test("The user's filter passes over what it does not match, and reading goes on to the end")
  func filter() throws {
    let result = try readFile(Self.content, filter: "port 81", limit: 1)
    #expect(result.frames.count == 1000)
    #expect(try readFile(Self.content, filter: "udp").frames.isEmpty)
  }

  @Test("The user's filter is compiled for each link type")
  func filterPerInterface() throws {
    let file = PcapngBuilder()
    let packet = Frames.ipv4(6, Frames.tcp(Frames.ack))
    let content =
      file.section() + file.interface(1) + file.enhanced(0, ticks: 0, Frames.ethernet(0x0800, packet))
      + file.interface(101) + file.enhanced(1, ticks: 0, packet) + file.enhanced(0, ticks: 0, packet)
    #expect(try readFile(content, filter: "port 80").frames.map(\.interface) == [0, 1])
    #expect(throws: CaptureError.self) { try readFile(content, filter: "ether src 02:00:00:00:00:01") }
  }

  @Test("What is no capture is told in one line", arguments: NoCapture.all)
  func noCapture(_ fixture: NoCapture) throws {
    let error = try #require(throws: CaptureError.self) { try readFile(fixture.content) }
    #expect(error.description.contains(fixture.says), "\(error)")
    #expect(!error.description.contains("\n"))
  }

  struct NoCapture: Sendable, CustomTestStringConvertible {
    let says: String
    let content: [UInt8]
    var testDescription: String { says }

    static let all = [
      NoCapture(says: "is empty", content: []),
      NoCapture(says: "neither the mark of pcap nor", content: Array("hello, world; no capture here".utf8)),
      NoCapture(says: "zstd -dc", content: hex("28b52ffd 0458 0000")),
      NoCapture(says: "xz -dc", content: hex("fd377a585a00 0000")),
      NoCapture(says: "ends inside the header", content: Array(PcapBuilder().header.prefix(20))),
      NoCapture(says: "version 3.4", content: hex("d4c3b2a1 0300 0400") + [UInt8](repeating: 0, count: 16)),
      NoCapture(says: "link type 66000", content: PcapBuilder(linkType: 66000).header),
      NoCapture(says: "damaged", content: hex("1f8b0800 00000000 0003 ffffffff")),
      NoCapture(says: "without byte-order magic", content: hex("0a0d0d0a 1c000000 00000000 00000000")),
    ]
  }

  @Test("What cannot be opened says why")
  func unreadable() throws {
    let missing = try #require(throws: CaptureError.self) { _ = try SaveFile(path: "/nonexistent/x.pcap") }
    #expect(missing == .fileUnreadable(path: "/nonexistent/x.pcap", reason: "No such file or directory"))
    let directory = try #require(throws: CaptureError.self) { _ = try SaveFile(path: NSTemporaryDirectory()) }
    #expect(directory.description.contains("it is a directory"))
  }

  @Test("Frames of a pipe come as they are written")
  func pipe() throws {
    let path = NSTemporaryDirectory() + "tcpstated-test-\(UUID().uuidString)"
    try #require(unsafe mkfifo(path, 0o600) == 0)
    defer { unsafe unlink(path) }
    // Opened for both, so that neither open(2) waits for the other end.
    let writer = unsafe open(path, O_RDWR)
    defer { close(writer) }
    let file = PcapBuilder()
    Self.write(file.header + file.record(1, 0, [1]) + file.record(2, 0, [2]), to: writer)
    var capture = try SaveFile(path: path)
    var seen: [UInt8] = []
    #expect(try capture.read(limit: 100) { frame, _ in seen.append(frame.load8(at: 0)) } == 2)
    Self.write(file.record(3, 0, [3]), to: writer)
    #expect(try capture.read(limit: 100) { frame, _ in seen.append(frame.load8(at: 0)) } == 1)
    #expect(seen == [1, 2, 3])
    #expect(capture.progress.total == nil)
  }

  private static func write(_ octets: [UInt8], to descriptor: Int32) {
    _ = unsafe octets.withUnsafeBytes { unsafe Foundation.write(descriptor, $0.baseAddress, $0.count) }
  }
}
