import Foundation
import PacketDecoding
import Testing

@testable import StatusServer

/// Server-sent events on real sockets.
@Suite struct EventFeedTests {
  private static let request = "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"

  private static func limits(_ change: (inout ServerLimits) -> Void = { _ in }) -> ServerLimits {
    var limits = ServerLimits()
    limits.eventPause = .milliseconds(30)
    change(&limits)
    return limits
  }

  @Test func eachFollowerGetsTheDocumentsAgainAndAgain() async throws {
    try await onThread {
      let daemon = try TestDaemon(limits: Self.limits())
      let clients = try (0..<3).map { _ in
        let client = try daemon.client()
        try client.send(Self.request)
        return client
      }
      for client in clients {
        let text = try client.text(until: 3, of: "event: peers\n")
        #expect(text.contains("text/event-stream"))
        for name in ["status", "destinations", "peers"] {
          #expect(text.contains("event: \(name)\ndata: {"), "\(name) in \(text.prefix(2000))")
        }
        for line in text.split(separator: "\n") where line.hasPrefix("data: ") {
          _ = try JSONSerialization.jsonObject(with: Data(line.dropFirst(6).utf8))
        }
      }
    }
  }

  @Test func oneFollowerTooManyIsAskedToComeLater() async throws {
    try await onThread {
      let daemon = try TestDaemon(limits: Self.limits { $0.followers = 2 })
      var clients: [RawClient] = []
      for _ in 0..<2 {
        // Not before its turn: a connection without a request does not stand for long.
        let client = try daemon.client()
        try client.send(Self.request)
        _ = try client.text(until: 1, of: "event: peers\n")
        clients.append(client)
      }
      let refused = try daemon.client().get("/api/v1/events")
      #expect(refused.status == 503)
      // Who follows nothing is answered as ever, and a place that was left is free again.
      #expect(try daemon.client().get("/healthz").status == 200)
      clients.removeLast()
      let deadline = ContinuousClock.now + .seconds(20)
      var text = ""
      while !text.contains("200 OK"), ContinuousClock.now < deadline {
        let next = try daemon.client()
        try next.send(Self.request)
        text = try next.text(until: 1, of: "\r\n\r\n")
        if !text.contains("200 OK") { usleep(20_000) }
      }
      #expect(text.contains("200 OK"))
    }
  }

  @Test func followerThatDoesNotReadIsSentAway() async throws {
    try await onThread {
      let limits = Self.limits {
        $0.eventPause = .milliseconds(50)
        $0.eventTime = Seconds(nanoseconds: 400_000_000)
        $0.followers = 1
      }
      // Soon more than the kernel holds for it.
      let daemon = try TestDaemon(limits: limits, source: FixedSource(host: String(repeating: "x", count: 100_000)))
      let idle = try daemon.client()
      idle.shrinkReceiveBuffer()
      try idle.send(Self.request)
      let deadline = ContinuousClock.now + .seconds(20)
      // Its place is free when it is gone.
      while try daemon.client().head("/api/v1/events").status != 200, ContinuousClock.now < deadline { usleep(20_000) }
      #expect(ContinuousClock.now < deadline)
    }
  }

  @Test func headHasNoEvents() async throws {
    try await onThread {
      let daemon = try TestDaemon(limits: Self.limits { $0.followers = 1 })
      for _ in 0..<3 { #expect(try daemon.client().head("/api/v1/events").status == 200) }
    }
  }

  @Test func eventsAreOneLineEach() {
    let frame = EventFeed.Frame([("a", Array("{\"x\":1}\n".utf8)), ("b", Array("{}".utf8))])
    #expect(String(decoding: frame.bytes, as: UTF8.self) == "event: a\ndata: {\"x\":1}\n\nevent: b\ndata: {}\n\n")
  }
}
