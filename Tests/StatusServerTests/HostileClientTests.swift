import Foundation
import PacketDecoding
import Testing

@testable import StatusServer

/// Clients that mean no good, on real sockets: each gets its answer or its end, and others are served meanwhile.
@Suite struct HostileClientTests {
  /// Limits that a test can wait for.
  private static func limits(_ change: (inout ServerLimits) -> Void) -> ServerLimits {
    var limits = ServerLimits()
    change(&limits)
    return limits
  }

  // MARK: Slow ones

  @Test func headThatNeverEndsIsCutOff() async throws {
    try await onThread {
      let daemon = try TestDaemon(limits: Self.limits { $0.requestTime = Seconds(nanoseconds: 300_000_000) })
      let client = try daemon.client()
      try client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
      let started = ContinuousClock.now
      // Each byte would push an idle time-out on.
      while ContinuousClock.now - started < .seconds(15), (try? client.send("x")) != nil { usleep(20_000) }
      #expect(client.isEnded())
      #expect(ContinuousClock.now - started < .seconds(15))
    }
  }

  @Test func clientThatSaysNothingIsCutOff() async throws {
    try await onThread {
      let daemon = try TestDaemon(limits: Self.limits { $0.requestTime = Seconds(nanoseconds: 200_000_000) })
      #expect(try daemon.client().isEnded())
    }
  }

  @Test func idleConnectionIsCutOffAfterItsAnswer() async throws {
    try await onThread {
      let daemon = try TestDaemon(limits: Self.limits { $0.idleTime = Seconds(nanoseconds: 200_000_000) })
      let client = try daemon.client()
      #expect(try client.get("/healthz").status == 200)
      #expect(client.isEnded())
    }
  }

  @Test func requestAfterAnIdleSpanHasItsOwnTime() async throws {
    try await onThread {
      let limits = Self.limits {
        $0.idleTime = Seconds(100)
        $0.requestTime = Seconds(nanoseconds: 200_000_000)
      }
      let daemon = try TestDaemon(limits: limits)
      let client = try daemon.client()
      #expect(try client.get("/healthz").status == 200)
      try client.send("GET /healthz HTT")
      #expect(client.isEnded())
    }
  }

  @Test func clientThatDoesNotReadIsCutOff() async throws {
    try await onThread {
      let limits = Self.limits { $0.answerTime = Seconds(nanoseconds: 500_000_000) }
      let daemon = try TestDaemon(limits: limits, source: FixedSource(records: 10_000))
      let client = try daemon.client()
      client.shrinkReceiveBuffer()
      try client.send("GET /api/v1/connections?limit=10000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
      usleep(2_500_000)
      let whole = try? client.reply()
      #expect(whole == nil, "all \(whole?.body.utf8.count ?? 0) bytes came after all")
    }
  }

  // MARK: Many

  @Test func silentClientsKeepNobodyOut() async throws {
    try await onThread {
      let daemon = try TestDaemon()
      var silent: [RawClient] = []
      for _ in 0..<300 { silent.append(try daemon.client()) }
      let started = ContinuousClock.now
      #expect(try daemon.client().get("/healthz").status == 200)
      // The limits alone would take 10 s to make room.
      #expect(ContinuousClock.now - started < .seconds(8))
      #expect(silent[0].isEnded())
    }
  }

  @Test func clientsWithRequestsAreNotSentAwayForNewOnes() async throws {
    try await onThread {
      let daemon = try TestDaemon(limits: Self.limits { $0.connections = 2 })
      let first = try daemon.client()
      #expect(try first.get("/healthz").status == 200)
      let second = try daemon.client()
      #expect(try second.get("/healthz").status == 200)
      #expect(try first.get("/healthz").status == 200)
      let third = try daemon.client()
      #expect(try third.get("/healthz").status == 200)
      #expect(second.isEnded(), "the one that waited longest stays")
      #expect(try first.get("/healthz").status == 200)
    }
  }

  // MARK: Large

  @Test(arguments: [(1, 100_000), (70, 1), (50, 1000)])
  func headThatIsTooLargeIsRefused(_ count: Int, _ size: Int) async throws {
    let fields = (0..<count).map { "X-\($0): " + String(repeating: "a", count: size) }.joined(separator: "\r\n")
    try await onThread {
      let daemon = try TestDaemon()
      let client = try daemon.client()
      try? client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n\r\n")
      let reply = try client.reply()
      #expect(reply.status == 431)
      #expect(reply.fields["connection"] == "close")
      #expect(reply.fields["content-type"] == "application/problem+json")
      #expect(client.isEnded())
    }
  }

  @Test func targetThatIsTooLongIsRefused() async throws {
    try await onThread {
      let daemon = try TestDaemon()
      let client = try daemon.client()
      try? client.send("GET /?\(String(repeating: "a", count: 100_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(try client.reply().status == 431)
    }
  }

  @Test func longestFilterFitsIn() async throws {
    try await onThread {
      let daemon = try TestDaemon()
      let filter = String(repeating: "%28", count: 1000) + "port%2080" + String(repeating: "%29", count: 1000)
      let reply = try daemon.client().get("/api/v1/connections?filter=\(filter)")
      #expect(reply.status == 200 || reply.body.contains("'filter'"))
    }
  }

  // MARK: What is no request

  @Test(
    arguments: [
      ("\u{16}\u{03}\u{01}\u{02}\u{00}\u{01}\u{00}\u{01}\u{FC}\r\n\r\n", 400), ("\0\0\0\0\r\n\r\n", 400),
      ("GET\r\n\r\n", 400), ("GET / HTTP/9.9\r\n\r\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost: localhost\r\nHost: attacker\r\n\r\n", 400),
      ("GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHo\0st: localhost\r\n\r\n", 400),
      ("BREW /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
      ("GET healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
      ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
      ("POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", 413),
      ("POST /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 413),
      ("PUT /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", 405),
      ("POST http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
      ("DELETE http://localhost/api/v1/silences?id=1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 403),
      ("POST localhost HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
      ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", 413),
      ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
      ("GET http://attacker.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 421),
      ("GET http://localhost/healthz HTTP/1.1\r\nHost: attacker.example\r\n\r\n", 200),
      ("GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n", 200),
      ("CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
      ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", 200),
      ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n\r\n", 200),
    ] as [(String, Int)]
  )
  func isAnsweredOnce(_ request: String, _ status: Int) async throws {
    try await onThread {
      let daemon = try TestDaemon()
      let client = try daemon.client()
      try client.send(request)
      client.endSending()
      let reply = try client.reply()
      #expect(reply.status == status, "\(reply.status) for \(request.debugDescription): \(reply.body)")
      #expect(client.isEnded())
      #expect(try daemon.client().get("/healthz").status == 200)
    }
  }

  @Test func garbageEndsNothingButItsConnection() async throws {
    try await onThread {
      let daemon = try TestDaemon()
      var random = Xorshift(state: 0x9E37_79B9_7F4A_7C15)
      for _ in 0..<200 {
        let client = try daemon.client()
        try? client.send(
          (0..<Int.random(in: 1...600, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        )
        client.endSending()
        #expect(client.isEnded())
      }
      #expect(try daemon.client().get("/healthz").status == 200)
    }
  }

  // MARK: Several requests at once

  @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
    try await onThread {
      let daemon = try TestDaemon()
      let client = try daemon.client()
      let targets = ["/healthz", "/nothing", "/readyz", "/api/v1/connections?limit=0", "/healthz"]
      try client.send(targets.map { "GET \($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }.joined())
      #expect(try targets.map { _ in try client.reply().status } == [200, 404, 200, 400, 200])
      #expect(try client.get("/healthz").status == 200)
    }
  }

  @Test func garbageBehindARequestComesSecond() async throws {
    try await onThread {
      let daemon = try TestDaemon()
      let client = try daemon.client()
      try client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n\u{1}\u{2}\u{3}\r\n\r\n")
      #expect(try client.reply().status == 200)
      #expect(try client.reply().status == 400)
      #expect(client.isEnded())
    }
  }

  @Test func headIsAnsweredWithoutABody() async throws {
    try await onThread {
      let daemon = try TestDaemon()
      let client = try daemon.client()
      try client.send(
        "HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
      )
      let head = try client.reply(hasBody: false)
      let get = try client.reply()
      #expect(head.fields["content-length"] == "3")
      #expect(get.body == "ok\n")
      #expect(head.fields["content-type"] == get.fields["content-type"])
    }
  }

  @Test(arguments: ["close", "keep-alive"])
  func clientThatHasSaidAllGetsTheWholeAnswer(_ connection: String) async throws {
    try await onThread {
      let daemon = try TestDaemon(source: FixedSource(records: 10_000))
      let client = try daemon.client()
      try client.send(
        "GET /api/v1/connections?limit=10000 HTTP/1.1\r\nHost: localhost\r\nConnection: \(connection)\r\n\r\n"
      )
      client.endSending()
      let body = try client.reply().body
      #expect(body.hasSuffix("\"next_cursor\":null}\n"), "\(body.utf8.count) bytes")
      #expect(client.isEnded())
    }
  }

  @Test func closeIsKept() async throws {
    try await onThread {
      let daemon = try TestDaemon()
      let client = try daemon.client()
      try client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
      #expect(try client.reply().fields["connection"] == "close")
      #expect(client.isEnded())
    }
  }
}

private struct Xorshift: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
