import Foundation
import KernelSockets
import PacketDecoding
import Testing

/// A socket of this process, and a control group that says who is in it.
private final class HeldSocket {
  let descriptor: Int32
  let inode: UInt32
  let group: String

  /// - Parameter members: as cgroup.procs lists them.
  init(members: String) throws {
    descriptor = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var status = stat()
    let result = unsafe fstat(descriptor, &status)
    try #require(result == 0)
    inode = UInt32(status.st_ino)
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try Data(members.utf8).write(to: directory.appendingPathComponent("cgroup.procs"))
    group = directory.path
  }

  deinit {
    close(descriptor)
    try? FileManager.default.removeItem(atPath: group)
  }

  var socket: SocketHolders.Socket { SocketHolders.Socket(inode: inode, cgroup: group) }
}

@Suite struct SocketHoldersTests {
  private static let own = ProcessInfo.processInfo.processIdentifier
  private static let start = Instant(nanoseconds: 0)

  private static func command() throws -> String {
    try String(contentsOfFile: "/proc/self/comm", encoding: .utf8).trimmingCharacters(in: .newlines)
  }

  @Test("A process of the socket's group has it open; what is no process there is passed over")
  func inGroup() throws {
    let held = try HeldSocket(members: "0\n1\n\(Self.own)\n999999999\nx\n")
    var holders = SocketHolders()
    let expected = ProcessName(pid: Self.own, command: try Self.command())
    #expect(holders.find([held.socket], at: Self.start) == [held.inode: expected])
    #expect(holders.soleHolder(of: held.socket) == expected)
  }

  @Test("A process that has left the group is found among all, though not time and again")
  func elsewhere() throws {
    let held = try HeldSocket(members: "")
    var holders = SocketHolders()
    #expect(holders.find([held.socket], at: Self.start)[held.inode]?.pid == Self.own)
    #expect(holders.find([held.socket], at: Self.start) == [:])
    #expect(holders.find([held.socket], at: Self.start + Seconds(3600))[held.inode]?.pid == Self.own)
    #expect(holders.soleHolder(of: held.socket) == nil)
  }

  @Test("A socket that nobody has open, and a group that is gone")
  func nobody() throws {
    var holders = SocketHolders()
    let gone = SocketHolders.Socket(inode: 1, cgroup: "/nowhere")
    #expect(holders.find([gone, SocketHolders.Socket(inode: 2, cgroup: nil)], at: Self.start) == [:])
    #expect(holders.soleHolder(of: gone) == nil)
  }
}
