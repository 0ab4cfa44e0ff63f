import Glibc
import PacketDecoding
import Testing

@testable import KernelSockets

@Suite struct SocketDiagnosticsTests {
  @Test("Entries are read with ports in network order, and mapped addresses as IPv4")
  func entries() throws {
    var state = DumpState(sequence: 1)
    let sockets = state.take(Fixtures.timeWait + Fixtures.mapped)
    try #require(sockets.count == 2)
    let loopback = IPAddress(ipv4: 0x7f00_0001)
    #expect(sockets[0].state == .timeWait)
    #expect(sockets[0].timer == .timeWait)
    #expect(sockets[0].expiresMilliseconds == 59200)
    #expect(sockets[0].local == Endpoint(address: loopback, port: 80))
    #expect(sockets[0].remote == Endpoint(address: loopback, port: 40000))
    #expect(sockets[0].cgroup == 0)
    #expect(sockets[1].state == .established)
    #expect(sockets[1].local == Endpoint(address: IPAddress(ipv4: 0xc000_0201), port: 443))
    #expect(sockets[1].remote == Endpoint(address: IPAddress(ipv4: 0xc000_0209), port: 50000))
    #expect((sockets[1].uid, sockets[1].inode, sockets[1].cgroup) == (33, 4711, 77))
    #expect(sockets[1].boundInterface == 2)
    #expect(!state.isDone)
  }

  @Test("A dump ends with DONE, in the same datagram or alone")
  func done() {
    var state = DumpState(sequence: 1)
    #expect(state.take(Fixtures.timeWait + Fixtures.done + Fixtures.timeWait).count == 1)
    #expect(state.isDone)
    #expect(state.errorCode == 0)
    #expect(!state.wasInterrupted)
  }

  @Test("An interrupted dump says so")
  func interrupted() {
    var state = DumpState(sequence: 1)
    _ = state.take(message(type: 20, flags: 0x12, Array(Fixtures.timeWait.dropFirst(16))))
    #expect(state.wasInterrupted)
  }

  @Test("An error of the kernel ends the dump")
  func error() {
    var state = DumpState(sequence: 1)
    _ = state.take(message(type: 2, hex("ffffffff") + [UInt8](repeating: 0, count: 16)))
    #expect(state.isDone)
    #expect(state.errorCode == EPERM)
    var odd = DumpState(sequence: 1)
    _ = odd.take(message(type: 2, hex("00000080")))
    #expect(odd.isDone)
  }

  @Test("Answers to an earlier question are passed over")
  func stale() {
    var state = DumpState(sequence: 9)
    #expect(state.take(Fixtures.timeWait + Fixtures.done).isEmpty)
    #expect(!state.isDone)
  }

  @Test("A datagram that is cut ends the dump with an error, and entries that are cut are none")
  func truncated() {
    for length in 1..<Fixtures.mapped.count {
      var state = DumpState(sequence: 1)
      #expect(state.take(Array(Fixtures.mapped.prefix(length))).isEmpty)
      #expect(state.errorCode == EBADMSG)
    }
    for length in 0..<72 {
      var state = DumpState(sequence: 1)
      #expect(state.take(message(type: 20, Array(Fixtures.mapped.dropFirst(16).prefix(length)))).isEmpty)
    }
  }

  @Test("States are asked for by their bits")
  func states() {
    #expect(SocketStates(.established, .timeWait).rawValue == 0b100_0010)
    #expect(SocketState.allCases.allSatisfy { SocketStates.all.contains(SocketStates($0)) })
  }

  @Test("A listening socket of this process is in the kernel's table")
  func live() throws {
    let connection = try LoopbackConnection()
    defer { withExtendedLifetime(connection) {} }
    var diagnostics = try SocketDiagnostics()
    var found: [KernelSocket] = []
    _ = try diagnostics.dump(SocketStates(.listen)) { if $0.local == connection.server { found.append($0) } }
    let entry = try #require(found.first)
    #expect(found.count == 1)
    #expect(entry.state == .listen)
    #expect(entry.inode != 0)
    #expect(entry.uid == getuid())
    // The same socket serves the next question.
    #expect(try diagnostics.timeWaitCount() >= 0)
  }

  @Test("A dump has both ends of connections of both families, once each", arguments: [false, true])
  func dump(asksByFamily: Bool) throws {
    let connections = [try LoopbackConnection(), try LoopbackConnection(isIPv6: true)]
    defer { withExtendedLifetime(connections) {} }
    let ends = connections.flatMap { [[$0.client, $0.server], [$0.server, $0.client]] }
    var diagnostics = try SocketDiagnostics(asksByFamily: asksByFamily)
    var found: [[Endpoint]: Int] = [:]
    _ = try diagnostics.dump(SocketStates(.established)) { found[[$0.local, $0.remote], default: 0] += 1 }
    #expect(ends.map { found[$0] } == [1, 1, 1, 1])
  }

  @Test("One connection is found by its ends, and a listener is not taken for one")
  func find() throws {
    let connection = try LoopbackConnection()
    defer { withExtendedLifetime(connection) {} }
    let (local, remote) = (connection.client, connection.server)
    var diagnostics = try SocketDiagnostics()
    let found = try #require(try diagnostics.find(local: local, remote: remote))
    #expect(found.state == .established)
    #expect((found.local, found.remote) == (local, remote))
    #expect(found.inode != 0)
    let peer = try #require(try diagnostics.find(local: remote, remote: local))
    #expect(peer.state == .established)
    let nobody = Endpoint(address: remote.address, port: 1)
    #expect(try diagnostics.find(local: remote, remote: nobody) == nil)
    let other = Endpoint(address: IPAddress(high: 0, low: 1), port: local.port)
    #expect(try diagnostics.find(local: other, remote: other) == nil)
    // Dumps go on working on the same socket.
    #expect(try diagnostics.timeWaitCount() >= 0)
  }

  @Test("Many are asked for at once, and each answer belongs to its question")
  func findMany() throws {
    let connection = try LoopbackConnection()
    defer { withExtendedLifetime(connection) {} }
    let (local, remote) = (connection.client, connection.server)
    // More than one call takes, and two of them are there: one in the first call, one in the last.
    let nobody = (local: remote, remote: Endpoint(address: remote.address, port: 1))
    var pairs = Array(repeating: nobody, count: 150)
    pairs[3] = (local, remote)
    pairs[149] = (remote, local)
    var diagnostics = try SocketDiagnostics()
    let found = try diagnostics.find(pairs)
    #expect(found.count == pairs.count)
    #expect(found.indices.filter { found[$0] != nil } == [3, 149])
    #expect(found[3]?.local == local)
    #expect(found[149]?.local == remote)
    #expect(try diagnostics.find([]).isEmpty)
  }
}
