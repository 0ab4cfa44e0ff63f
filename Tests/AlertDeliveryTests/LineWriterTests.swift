import Foundation
import Testing

@testable import AlertDelivery

@Suite("Writing without waiting")
struct LineWriterTests {
  private static let line = String(repeating: "x", count: 999)

  @Test("Nobody reads: lines are dropped and counted; then a line says how many", arguments: [false, true])
  func stuck(isSocket: Bool) {
    let channel = isSocket ? Channel.socketPair() : Channel.pipe()
    let writer = LineWriter(descriptor: channel.writer)
    for _ in 0..<2000 { writer.write(Self.line) }
    let dropped = writer.dropped
    #expect(dropped > 0)
    let first = channel.read().split(separator: "\n")
    #expect(first.allSatisfy { $0 == Self.line })
    writer.write("again")
    let lines = first + channel.read().split(separator: "\n")
    #expect(lines.suffix(2) == ["\(dropped) log lines were lost: nobody read them", "again"])
    #expect(lines.count - 2 + dropped == 2000)
    #expect(writer.dropped == dropped)
  }

  @Test("A line that was written in part is finished before the next", arguments: [false, true])
  func partial(isSocket: Bool) {
    let channel = isSocket ? Channel.socketPair() : Channel.pipe()
    let writer = LineWriter(descriptor: channel.writer)
    let long = String(repeating: "long", count: 500_000)
    writer.write(long)
    var text = channel.read()
    #expect(text.utf8.count < long.utf8.count)
    for _ in 0..<1000 where text.utf8.count < long.utf8.count + 6 {
      writer.write("next")
      text += channel.read()
    }
    #expect(text.hasPrefix(long + "\n"))
    #expect(text.hasSuffix("\nnext\n"))
  }

  @Test("A reader that is gone")
  func gone() {
    let writer = LineWriter(descriptor: -1)
    writer.write("lost")
    #expect(writer.dropped == 1)
  }

  @Test("A regular file takes everything")
  func file() throws {
    let path = FileManager.default.temporaryDirectory.path + "/log-\(UUID().uuidString)"
    defer { unsafe unlink(path) }
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(descriptor) }
    LineWriter(descriptor: descriptor).write("line")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "line\n")
  }
}
