import PacketDecoding
import Testing

@testable import ConnectionTracking

/// What was said, and what must be known of it: kind, requests/answers, and facts.
struct ConversationCase: CustomTestStringConvertible, Sendable {
  var name: String
  var steps: [Dialogue.Step]
  var snapLength = Int.max
  var expected: String

  init(_ name: String, _ steps: [Dialogue.Step], snapLength: Int = .max, expect expected: String) {
    self.name = name
    self.steps = steps
    self.snapLength = snapLength
    self.expected = expected
  }

  var testDescription: String { name }

  static let get = Dialogue.Step.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
  static let ok = Dialogue.Step.server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
  static let continued = Dialogue.Step.server("HTTP/1.1 100 Continue\r\n\r\n")
  static let chunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
  static let post = "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n"
  static let tls13: [Dialogue.Step] = [
    .open, .clientRecords("client-hello"), .serverRecords("server-hello-13 20:1 23:800"), .clientRecords("20:1 23:53"),
  ]
  static let tls12: [Dialogue.Step] = [
    .open, .clientRecords("client-hello"), .serverRecords("server-hello-12 22:900 22:4"),
    .clientRecords("22:37 20:1 22:40"), .serverRecords("20:1 22:40"),
  ]

  static let http: [ConversationCase] = [
    ConversationCase("nothing said", [.open, .clientFIN, .serverFIN], expect: "unknown 0/0"),
    ConversationCase("one", [.open, get, ok, .clientFIN, .serverFIN], expect: "http1 1/1 idle=0"),
    ConversationCase("two with a silence", [.open, get, ok, .wait(5), get, ok], expect: "http1 2/2 gap=5"),
    ConversationCase("still waiting", [.open, get], expect: "http1 1/0"),
    ConversationCase(
      "repeated segments count once",
      [.open, get, .repeatLast, ok, .repeatLast, .repeatLast],
      expect: "http1 1/1"
    ),
    ConversationCase(
      "100 Continue is no answer",
      [.open, .client(post), continued, .client("0123456789"), ok],
      expect: "http1 1/1"
    ),
    ConversationCase("only 100 Continue", [.open, .client(post), continued], expect: "http1 1/0"),
    ConversationCase(
      "an answer after the client's FIN",
      [.open, get, .clientFIN, ok],
      expect: "http1 1/0 outstanding idle=0"
    ),
    ConversationCase(
      "pipelined in one segment",
      [.open, .client("GET / HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n"), ok, ok],
      expect: "http1 2/2 pipelined"
    ),
    ConversationCase(
      "answers in one segment",
      [.open, get, get, .server("HTTP/1.1 204 No\r\n\r\nHTTP/1.1 204 No\r\n\r\n")],
      expect: "http1 2/2 pipelined"
    ),
    ConversationCase(
      "a head split in three",
      [.open, .client("G"), .client("ET / HTTP/1"), .client(".1\r\nHost: a\r\n\r\n"), ok],
      expect: "http1 1/1"
    ),
    ConversationCase(
      "close in the split part",
      [.open, get, .server("HTTP/1.1 200 OK\r\nConn"), .server("ection: close\r\nContent-Length: 0\r\n\r\n")],
      expect: "http1 1/1 server-close"
    ),
    ConversationCase(
      "a body that looks like a head",
      [
        .open, get, .server("HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n"), .server("HTTP/1.1 200 OK\r\n\r\n"), get,
        ok,
      ],
      expect: "http1 2/2"
    ),
    ConversationCase(
      "a request body of known length",
      [.open, .client(post), .client("GET / HTTP"), ok, get, ok],
      expect: "http1 2/2"
    ),
    ConversationCase(
      "chunked",
      [.open, get, .server(chunkedHead), .server("2\r\nhi\r\n0\r\n\r\n"), get, ok],
      expect: "http1 2/2"
    ),
    ConversationCase(
      "chunked, its end not captured",
      [.open, get, .server(chunkedHead + "2\r\nhi\r\n"), .serverOctets(5000), get, ok],
      snapLength: 256,
      expect: "http1 2/2"
    ),
    ConversationCase(
      "HEAD has no body",
      [.open, .client("HEAD / HTTP/1.1\r\n\r\n"), .server("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"), get, ok],
      expect: "http1 2/2"
    ),
    ConversationCase(
      "a head longer than the snap length",
      [.open, .client("GET /?" + String(repeating: "x", count: 90) + " HTTP/1.1\r\nHost: a\r\n\r\n"), ok, get, ok],
      snapLength: 64,
      expect: "http1 2/2"
    ),
    ConversationCase(
      "a long body after the snap length",
      [
        .open, get, .server("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + String(repeating: "x", count: 1000)),
        get, ok,
      ],
      snapLength: 64,
      expect: "http1 2/2"
    ),
    ConversationCase(
      "a piece of the body was lost",
      [
        .open, get, .server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab"), .lost(.server, 5), .server("hij"), get,
        ok,
      ],
      expect: "http1 2/2"
    ),
    ConversationCase(
      "an answer was lost",
      [.open, get, .lost(.server, 200), .acknowledge(.client), get, ok],
      expect: "http1 2/1 pipelined"
    ),
    ConversationCase(
      "408 that nobody asked for",
      [.open, .wait(10), .server("HTTP/1.1 408 Timeout\r\nConnection: close\r\n\r\n"), .serverFIN],
      expect: "http1 0/0 unsolicited server-close idle=0"
    ),
    ConversationCase(
      "WebSocket",
      [
        .open, .client("GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
        .server("HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"), .clientOctets(9),
        .serverOctets(9), .client("GET / HTTP/1.1\r\n\r\n"),
      ],
      expect: "http1 1/1 upgraded"
    ),
    ConversationCase(
      "CONNECT",
      [
        .open, .client("CONNECT a:443 HTTP/1.1\r\n\r\n"), .server("HTTP/1.1 200 OK\r\n\r\n"), .clientOctets(9),
        .serverOctets(9),
      ],
      expect: "http1 1/1 upgraded"
    ),
    ConversationCase(
      "HTTP/2",
      [.open, .client("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), .serverOctets(30)],
      expect: "http2 1/0 null"
    ),
    ConversationCase(
      "who closed asked for it",
      [.open, .client("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), ok, .serverFIN],
      expect: "http1 1/1 client-close idle=0"
    ),
    ConversationCase(
      "Keep-Alive announced",
      [
        .open, get, .server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=5, max=99\r\n\r\n"), .wait(5),
        .serverFIN,
      ],
      expect: "http1 1/1 timeout=5 max=99 idle=5"
    ),
    ConversationCase(
      "an idle close",
      [.open, get, ok, .wait(2.5), .serverFIN, .clientFIN],
      expect: "http1 1/1 idle=2.5"
    ),
    ConversationCase(
      "the client gives up",
      [.open, get, .wait(3), .clientFIN],
      expect: "http1 1/0 outstanding idle=3"
    ),
    ConversationCase(
      "the body was not read",
      [.open, get, .server("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"), .serverOctets(100), .clientRST],
      expect: "http1 1/1 unread idle=0"
    ),
    ConversationCase(
      "the answer goes on after the client's FIN",
      [.open, get, .server(chunkedHead), .serverOctets(100), .clientFIN, .serverOctets(100)],
      expect: "http1 1/1 unread idle=0"
    ),
    ConversationCase(
      "an RST in the middle of chunks",
      [.open, get, .server(chunkedHead), .serverOctets(100), .clientRST],
      expect: "http1 1/1 unread idle=0"
    ),
    ConversationCase(
      "an RST after the last chunk",
      [.open, get, .server(chunkedHead), .server("2\r\nhi\r\n0\r\n\r\n"), .clientRST],
      expect: "http1 1/1 idle=0"
    ),
    ConversationCase(
      "the body came and was not acknowledged",
      [.open, get, .silent(.client), .server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), .clientRST],
      expect: "http1 1/1 unread idle=0"
    ),
    ConversationCase(
      "the body came, and the RST acknowledges it",
      [
        .open, get, .silent(.client), .server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), .attentive(.client),
        .clientRST,
      ],
      expect: "http1 1/1 idle=0"
    ),
    ConversationCase(
      "413 to a request that came whole",
      [
        .open, .client(post), .client("0123456789"),
        .server("HTTP/1.1 413 Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), .clientFIN,
      ],
      expect: "http1 1/1 server-close early idle=0"
    ),
    ConversationCase(
      "answered early, then used again",
      [.open, .client(post), ok, .client("0123456789"), get, ok],
      expect: "http1 2/2"
    ),
    ConversationCase(
      "refused before the request was through",
      [
        .open, .client("POST / HTTP/1.1\r\nContent-Length: 9000\r\n\r\n"),
        .server("HTTP/1.1 413 Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), .serverFIN,
      ],
      expect: "http1 1/1 server-close early unfinished idle=0"
    ),
    ConversationCase(
      "a request after the server's FIN",
      [.open, get, ok, .wait(5), .serverFINUnseen, get, .serverRST],
      expect: "http1 2/1 gap=5 crossed race idle=5"
    ),
    ConversationCase(
      "a request after the server's FIN was acknowledged",
      [.open, get, ok, .wait(5), .serverFIN, .wait(0.1), get, .serverRST],
      expect: "http1 2/1 gap=5.1 race idle=5"
    ),
    ConversationCase(
      "a request before the server's FIN arrives",
      [.open, get, ok, .wait(5), .silent(.server), get, .serverFINBlind, .serverRST],
      expect: "http1 2/1 gap=5 crossed race outstanding idle=5"
    ),
    ConversationCase(
      "picked up in an answer",
      [.server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), get, ok],
      expect: "http1 2/2"
    ),
    ConversationCase("picked up in a body", [.serverOctets(100), get, ok], expect: "http1 1/1"),
  ]

  static let others: [ConversationCase] = [
    ConversationCase(
      "turns",
      [.open, .client("PING\r\n"), .server("PONG\r\n"), .client("PING\r\n"), .server("PO"), .server("NG\r\n")],
      expect: "other 2/2"
    ),
    ConversationCase(
      "a banner is no answer",
      [.open, .server("220 mail\r\n"), .client("EHLO a\r\n"), .server("250 ok\r\n")],
      expect: "other 1/1"
    ),
    ConversationCase("nothing captured", [.open, get, ok, get, ok], snapLength: 0, expect: "notCaptured 2/2"),
    ConversationCase(
      "TLS 1.3",
      tls13 + [
        .serverRecords("23:250 23:250"), .clientRecords("23:100"), .serverRecords("23:500"), .clientRecords("23:100"),
        .serverRecords("23:500"),
      ],
      expect: "tls 2/2"
    ),
    ConversationCase(
      "TLS 1.3, the request with the handshake",
      [
        .open, .clientRecords("client-hello"), .serverRecords("server-hello-13 20:1 23:800"),
        .clientRecords("20:1 23:53 23:100"), .serverRecords("23:250"), .serverRecords("23:500"),
      ],
      expect: "tls 1/1"
    ),
    ConversationCase(
      "TLS 1.3, close_notify",
      tls13 + [.clientRecords("23:100"), .serverRecords("23:500"), .clientRecords("23:19"), .clientFIN],
      expect: "tls 1/1 client-alert first idle=0"
    ),
    ConversationCase(
      "TLS 1.2",
      tls12 + [.clientRecords("23:100"), .serverRecords("23:500"), .clientRecords("21:26"), .clientFIN],
      expect: "tls 1/1 client-alert first idle=0"
    ),
    ConversationCase(
      "TLS 1.3, a farewell after a silence",
      tls13 + [.clientRecords("23:100"), .serverRecords("23:500"), .wait(2), .serverRecords("23:19"), .serverFIN],
      expect: "tls 1/1 server-alert first idle=2"
    ),
    ConversationCase(
      "TLS 1.3, a farewell to one who has closed",
      tls13 + [.clientRecords("23:100"), .serverRecords("23:500"), .wait(2), .serverFIN, .clientRecords("23:19")],
      expect: "tls 1/1 client-alert idle=2"
    ),
    ConversationCase(
      "TLS 1.3, a farewell with the answer",
      tls13 + [.clientRecords("23:100"), .wait(2), .serverRecords("23:500 23:19"), .serverFIN],
      expect: "tls 1/1 server-alert first idle=0"
    ),
    ConversationCase(
      "TLS 1.2, a farewell after a silence",
      tls12 + [.clientRecords("23:100"), .serverRecords("23:500"), .wait(2), .serverRecords("21:26"), .serverFIN],
      expect: "tls 1/1 server-alert first idle=2"
    ),
    ConversationCase("TLS 1.2 without a request", tls12, expect: "tls 0/0"),
    ConversationCase(
      "h2 offered in TLS 1.3",
      [
        .open, .clientRecords("client-hello-h2"), .serverRecords("server-hello-13 20:1 23:800"),
        .clientRecords("20:1 23:53 23:100"), .serverRecords("23:500"),
      ],
      expect: "tls 1/1 null"
    ),
    ConversationCase(
      "h2 offered and not chosen in TLS 1.2",
      [
        .open, .clientRecords("client-hello-h2"), .serverRecords("server-hello-12"), .clientRecords("20:1 22:40"),
        .clientRecords("23:100"), .serverRecords("23:500"),
      ],
      expect: "tls 1/1"
    ),
    ConversationCase(
      "h2 chosen in TLS 1.2",
      [
        .open, .clientRecords("client-hello-h2"), .serverRecords("server-hello-12-h2"), .clientRecords("20:1 22:40"),
        .clientRecords("23:100"), .serverRecords("23:500"),
      ],
      expect: "tls 1/1 null"
    ),
    ConversationCase(
      "long records, cut",
      tls13 + [
        .clientRecords("23:100"), .serverRecords("23:9000 23:9000"), .clientRecords("23:100"),
        .serverRecords("23:9000"),
      ],
      snapLength: 256,
      expect: "tls 2/2"
    ),
    ConversationCase(
      "probes, answered",
      [.open, get, ok, .wait(15), .serverProbe, .wait(15), .serverProbe],
      expect: "http1 1/1 server-probes=2/0@15"
    ),
    ConversationCase(
      "probes, unanswered",
      [.open, get, ok, .silent(.client), .wait(15), .serverProbe, .wait(3), .serverProbe],
      expect: "http1 1/1 server-probes=2/2@3"
    ),
    ConversationCase(
      "probes do not end a silence",
      [.open, get, ok, .wait(15), .clientProbe, .wait(15), get],
      expect: "http1 2/1 gap=30 client-probes=1/0@15"
    ),
  ]
}

struct ConversationTests {
  @Test(arguments: ConversationCase.http)
  func http(conversation: ConversationCase) { check(conversation) }

  @Test(arguments: ConversationCase.others)
  func others(conversation: ConversationCase) { check(conversation) }

  private func check(_ conversation: ConversationCase) {
    var dialogue = Dialogue(snapLength: conversation.snapLength)
    dialogue.run(conversation.steps)
    let (view, exchanges) = (dialogue.view, dialogue.exchanges)
    #expect(view?.conversation.summary == conversation.expected)
    #expect(exchanges == Int(view?.conversation.exchanges ?? 0))
  }

  @Test
  func roundTrip() {
    var dialogue = Dialogue()
    dialogue.run([.open])
    let view = dialogue.view
    #expect(view?.detail.roundTrip == Seconds(nanoseconds: 2_000_000))
  }

  @Test
  func endIsReportedOnce() {
    var dialogue = Dialogue()
    dialogue.run([.open, ConversationCase.get, ConversationCase.ok, .clientFIN, .serverFIN])
    let count = dialogue.endedCount
    #expect(count == 1)
  }

  /// A trap ends the test run.
  @Test
  func anythingInAnyOrder() {
    var state: UInt64 = 11
    let all = (ConversationCase.http + ConversationCase.others).flatMap(\.steps)
    for _ in 0..<2_000 {
      var dialogue = Dialogue(snapLength: state % 3 == 0 ? 40 : .max)
      for _ in 0..<30 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        dialogue.run([all[Int(state >> 33) % all.count]])
      }
      let conversation = dialogue.view?.conversation
      #expect((conversation?.answers ?? 0) <= (conversation?.requests ?? 0))
    }
  }
}

extension Conversation {
  fileprivate var summary: String {
    let words: [(Bool, String)] = [
      (exchanges == nil, "null"), (facts.isPipelined, "pipelined"), (facts.isUpgraded, "upgraded"),
      (facts.hasUnsolicitedAnswer, "unsolicited"), (client.lastFacts.asksClose, "client-close"),
      (server.lastFacts.asksClose, "server-close"), (advertisedTimeout != nil, "timeout=\(advertisedTimeout ?? 0)"),
      (advertisedMaximum != nil, "max=\(advertisedMaximum ?? 0)"),
      (longestGap >= Seconds(1), "gap=\(rounded(longestGap))"),
      (client.endedWithAlert, "client-alert"), (facts.clientAlertedFirst, "first"),
      (server.endedWithAlert, "server-alert"), (facts.serverAlertedFirst, "first"),
      (facts.requestCrossedFIN, "crossed"), (facts.isReuseRace, "race"), (facts.answeredEarly, "early"),
      (facts.closedWithRequestOutstanding, "outstanding"), (facts.closedWithAnswerUnread, "unread"),
      (facts.closedWithRequestUnfinished, "unfinished"),
      (idleBeforeClose != nil, "idle=\(rounded(idleBeforeClose ?? .zero))"),
      (client.probes.count > 0, "client-probes=\(text(client.probes))"),
      (server.probes.count > 0, "server-probes=\(text(server.probes))"),
    ]
    return (["\(kind) \(requests)/\(answers)"] + words.filter(\.0).map(\.1)).joined(separator: " ")
  }

  private func rounded(_ seconds: Seconds) -> String {
    let tenths = (seconds.value * 10).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)"
  }

  private func text(_ probes: KeepAliveProbes) -> String {
    "\(probes.count)/\(probes.unanswered)@\(rounded(probes.interval))"
  }
}
