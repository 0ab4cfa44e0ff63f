import Foundation
import Glibc
import PacketDecoding
import Testing

@testable import StatusServer

/// What becomes of addresses that are free, taken, or were left behind.
@Suite struct ListenTests {
  private static func start(_ socket: String?, port: UInt16 = 0) throws -> RunningServer {
    try StatusServer(
      source: FixedSource(),
      listen: Endpoint(address: IPAddress(ipv4: 0x7F00_0001), port: port),
      socket: socket,
      allowedHosts: [],
      metricsListen: nil
    ).start()
  }

  private static func permissions(_ path: String) -> Int? {
    try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test func unixSocketServesOwnerAndGroupAndGoesAtTheEnd() async throws {
    let scratch = try Scratch()
    let path = scratch.path + "/http.sock"
    try await onThread {
      let server = try Self.start(path)
      #expect(Self.permissions(path) == 0o660)
      #expect(try RawClient(.unix(path: path)).get("/healthz").body == "ok\n")
      #expect(server.addresses.last?.url == "unix:\(path)")
      server.stop()
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test func staleSocketMakesWay() async throws {
    let scratch = try Scratch()
    let path = scratch.path + "/http.sock"
    try await onThread {
      try Self.leaveStaleSocket(at: path)
      let server = try Self.start(path)
      defer { server.stop() }
      #expect(try RawClient(.unix(path: path)).get("/healthz").status == 200)
    }
  }

  @Test func socketInUseIsLeftAlone() async throws {
    let scratch = try Scratch()
    let path = scratch.path + "/http.sock"
    try await onThread {
      let first = try Self.start(path)
      defer { first.stop() }
      let failure = #expect(throws: ListenFailure.self) { try Self.start(path) }
      #expect(failure.map { "\($0)" } == "cannot listen on \(path): another process answers there")
      #expect(try RawClient(.unix(path: path)).get("/healthz").status == 200)
    }
  }

  @Test func socketOfASuccessorIsNotRemoved() async throws {
    let scratch = try Scratch()
    let path = scratch.path + "/http.sock"
    try await onThread {
      let first = try Self.start(path)
      _ = unsafe unlink(path)
      let second = try Self.start(path)
      defer { second.stop() }
      first.stop()
      #expect(try RawClient(.unix(path: path)).get("/healthz").status == 200)
    }
  }

  @Test func whatIsNoSocketIsLeftAlone() async throws {
    let scratch = try Scratch()
    let path = scratch.path + "/http.sock"
    try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
    try await onThread {
      let failure = #expect(throws: ListenFailure.self) { try Self.start(path) }
      #expect(failure.map { "\($0)" } == "cannot listen on \(path): it exists, and is no socket")
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
  }

  @Test func directoryThatIsNotThereIsNamed() async throws {
    let scratch = try Scratch()
    let path = scratch.path + "/missing/http.sock"
    try await onThread {
      let failure = #expect(throws: ListenFailure.self) { try Self.start(path) }
      #expect(failure.map { "\($0)" } == "cannot listen on \(path): no such file or directory")
    }
  }

  @Test func portInUseIsOneLine() async throws {
    try await onThread {
      let first = try Self.start(nil)
      defer { first.stop() }
      let port = try #require(first.addresses.first?.endpoint?.port)
      let failure = #expect(throws: ListenFailure.self) { try Self.start(nil, port: port) }
      #expect(
        failure.map { "\($0)" }
          == "cannot listen on 127.0.0.1:\(port): the port is in use; stop what uses it, or choose another with --listen"
      )
    }
  }

  /// What a daemon that was killed leaves: the file of a socket that nobody has open.
  private static func leaveStaleSocket(at path: String) throws {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8)) }
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0)
  }
}
