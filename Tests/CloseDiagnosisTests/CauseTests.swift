import ConnectionTracking
import PacketDecoding
import Testing

@testable import CloseDiagnosis

/// Closes of one service, and the causes of all of them once everything is known.
struct CauseCase: CustomTestStringConvertible, Sendable {
  var name: String
  var closes: [Close]
  var expected: String

  init(_ name: String, _ closes: [Close], expect expected: String) {
    self.name = name
    self.closes = closes
    self.expected = expected
  }

  init(_ name: String, _ close: Close, expect expected: String) {
    self.init(name, [close], expect: expected)
  }

  var testDescription: String { name }
}

/// What a close left behind; by default of one answered request, closed by the client at once.
struct Close: Sendable {
  var at = 1.0
  var by = ClosedFirst.client
  var kind = CloseKind.fin
  var exchanges: UInt32? = 1
  var asked: Role?
  var idle = 0.0
  var life = 1.0
  var conversation = Conversation.Kind.http1
  var isHTTP10 = false
  var isAbrupt = false
  var deadPeer = false
  var hasPayload = true
  var announcedMaximum: UInt16?
  var siblings = 0
  var gap = 0.0
  var facts: [any WritableKeyPath<Conversation.Facts, Bool> & Sendable] = []

  static func idle(_ seconds: Double, by closer: ClosedFirst = .server, at moment: Double = 1) -> Close {
    Close(at: moment, by: closer, idle: seconds)
  }

  static func announced(_ exchanges: UInt32, life: Double = 1) -> Close {
    Close(by: .server, exchanges: exchanges, asked: .server, life: life)
  }

  static let refused = Close(at: 2, by: .none, kind: .refused, exchanges: 0, hasPayload: false)
}

extension CauseCase {
  static let plain: [CauseCase] = [
    CauseCase("refused", .refused, expect: "refused"),
    CauseCase(
      "a race lost in the socket",
      Close(by: .server, kind: .rst, isAbrupt: true, gap: 3, facts: [\.closedWithRequestOutstanding]),
      expect: "reuse_race"
    ),
    CauseCase("nothing said", Close(hasPayload: false), expect: "probe"),
    CauseCase(
      "a race",
      Close(by: .server, kind: .rst, facts: [\.requestCrossedFIN, \.isReuseRace, \.closedWithRequestOutstanding]),
      expect: "reuse_race"
    ),
    CauseCase("444", Close(by: .server, exchanges: 0, facts: [\.closedWithRequestOutstanding]), expect: "no_response"),
    CauseCase(
      "a client's time-out",
      Close(exchanges: 0, idle: 3, facts: [\.closedWithRequestOutstanding]),
      expect: "client_gave_up"
    ),
    CauseCase(
      "413",
      Close(by: .server, asked: .server, facts: [\.answeredEarly, \.closedWithRequestUnfinished]),
      expect: "request_unread"
    ),
    CauseCase(
      "413, the client closes first",
      Close(asked: .server, facts: [\.answeredEarly]),
      expect: "request_unread"
    ),
    CauseCase("answered early, and used again", Close(exchanges: 3, facts: [\.answeredEarly]), expect: "client_done"),
    CauseCase("a body unread", Close(kind: .rst, facts: [\.closedWithAnswerUnread]), expect: "response_unread"),
    CauseCase("HTTP/1.0", Close(by: .server, asked: .client, isHTTP10: true), expect: "http10"),
    CauseCase("the client asked", Close(by: .server, asked: .client), expect: "client_asked"),
    CauseCase("the server asked", Close(by: .server, asked: .server), expect: "server_asked"),
    CauseCase("a silence, then the server", .idle(5), expect: "server_idle"),
    CauseCase("a silence, then the client", .idle(5, by: .client), expect: "client_idle"),
    CauseCase(
      "a long silence, then RST",
      Close(by: .server, kind: .rst, idle: 350, isAbrupt: true),
      expect: "middlebox"
    ),
    CauseCase("one request", Close(), expect: "no_pool"),
    CauseCase("several requests", Close(exchanges: 3), expect: "client_done"),
    CauseCase("as many as the server announced", Close(exchanges: 100, announcedMaximum: 1), expect: "max_requests"),
    CauseCase("fewer than the server announced", Close(exchanges: 3, announcedMaximum: 98), expect: "client_done"),
    CauseCase("the only one that the server announced", Close(announcedMaximum: 1), expect: "no_pool"),
    CauseCase("closed together", Close(by: .simultaneous, exchanges: 3), expect: "client_done"),
    CauseCase("probes unanswered", Close(by: .server, kind: .rst, idle: 0, deadPeer: true), expect: "dead_peer"),
    CauseCase("TLS, the server at once", Close(by: .server, exchanges: nil, conversation: .tls), expect: "tls_opaque"),
    CauseCase("the server at once, without a word", Close(by: .server), expect: "unknown"),
    CauseCase("no end seen", Close(by: .none, kind: .expired), expect: "unknown"),
  ]

  static let populations: [CauseCase] = [
    CauseCase("the same N each time", Array(repeating: .announced(100), count: 4), expect: "max_requests=4"),
    CauseCase("N = 1 each time", Array(repeating: .announced(1), count: 4), expect: "server_asked=4"),
    CauseCase("N differs, ages do not", (0..<6).map { .announced(UInt32(50 + $0), life: 10.1) }, expect: "max_age=6"),
    CauseCase(
      "N and ages differ",
      (0..<6).map { .announced(UInt32(50 + $0), life: Double($0 * 30)) },
      expect: "server_asked=6"
    ),
    CauseCase("one time-out for all, at once", (0..<6).map { .idle(5 + Double($0) / 1000) }, expect: "server_idle=6"),
    CauseCase(
      "idle connections closed at once, nobody listens",
      (1...4).map { .idle(Double($0) * 3) } + [.refused],
      expect: "refused process_exit=4"
    ),
    CauseCase(
      "requests cut off, nobody listens",
      Array(repeating: Close(by: .server, exchanges: 0, facts: [\.closedWithRequestOutstanding]), count: 4) + [
        .refused
      ],
      expect: "refused process_exit=4"
    ),
    CauseCase(
      "requests refused by close, at a high rate",
      Array(repeating: Close(by: .server, exchanges: 0, facts: [\.closedWithRequestOutstanding]), count: 4),
      expect: "no_response=4"
    ),
    CauseCase(
      "a client that was kept from its work now and then",
      Array(repeating: Close(exchanges: 3), count: 8) + [.idle(0.2, by: .client), .idle(0.5, by: .client)],
      expect: "no_pool=2 client_done=8"
    ),
    CauseCase(
      "a client with a short time-out",
      (0..<6).map { .idle(0.3 + Double($0) / 1000, by: .client) },
      expect: "client_idle=6"
    ),
    CauseCase(
      "a request that came when the server's time was up",
      (0..<6).map { .idle(5 + Double($0) / 1000, at: Double($0)) } + [
        Close(at: 7, by: .server, exchanges: 3, gap: 4.98, facts: [\.closedWithRequestOutstanding]),
        Close(at: 8, by: .server, exchanges: 3, gap: 2, facts: [\.closedWithRequestOutstanding]),
      ],
      expect: "reuse_race no_response server_idle=6"
    ),
    CauseCase("idle closes one by one", (1...4).map { .idle(Double($0) * 3, at: Double($0)) }, expect: "server_idle=4"),
  ]
}

struct CauseTests {
  @Test(arguments: CauseCase.plain + CauseCase.populations)
  func cause(closes: CauseCase) {
    var diagnosis = Diagnosis(keepsVerdicts: true)
    for (serial, close) in closes.closes.enumerated() { diagnosis.end(close.facts(serial)) }
    diagnosis.decideAll()
    #expect(summary(diagnosis.report.whole) == closes.expected)
  }

  /// A reload: the listener is there for the next connection.
  @Test
  func drain() {
    var diagnosis = Diagnosis(keepsVerdicts: false)
    for serial in 1...4 { diagnosis.end(Close.idle(Double(serial) * 3).facts(serial)) }
    diagnosis.open(AccountKey(service: 1, peer: 1), server: server, at: moment(1.5))
    diagnosis.decideAll()
    #expect(summary(diagnosis.report.whole) == "drain=4")
  }

  /// A close is heard of when the other end has closed, too: the first of a burst may be the last to be heard of.
  @Test
  func burstInAnyOrder() {
    var diagnosis = Diagnosis(keepsVerdicts: false)
    for (serial, offset) in [30.0, 10, 20, 0, 40].enumerated() {
      var close = Close.idle(Double(serial + 1) * 3).facts(serial)
      close.at = moment(1 + offset / 1000)
      diagnosis.end(close)
    }
    diagnosis.open(AccountKey(service: 1, peer: 1), server: server, at: moment(1.5))
    diagnosis.decideAll()
    #expect(summary(diagnosis.report.whole) == "drain=5")
  }

  /// What was decided stays, whatever comes later.
  @Test
  func isDecidedOnce() {
    var diagnosis = Diagnosis(keepsVerdicts: true)
    diagnosis.end(Close.announced(100).facts(0))
    diagnosis.decide(at: moment(50))
    #expect(diagnosis.verdict(of: 0) == nil)
    diagnosis.decide(at: moment(60))
    #expect(diagnosis.verdict(of: 0)?.cause == .serverAsked)
    for serial in 1...5 { diagnosis.end(Close.announced(100).facts(serial)) }
    diagnosis.decideAll()
    #expect(diagnosis.verdict(of: 0)?.cause == .serverAsked)
    #expect(diagnosis.verdict(of: 5)?.cause == .maxRequests)
  }

  /// A client that keeps some of its connections, one that does not, and one that ends.
  @Test(arguments: [
    (siblings: 2, reused: true, opensMore: true, expected: "pool_overflow"),
    (siblings: 2, reused: true, opensMore: false, expected: "no_pool"),
    (siblings: 2, reused: false, opensMore: true, expected: "no_pool"),
    (siblings: 0, reused: true, opensMore: true, expected: "no_pool"),
  ])
  func pool(siblings: Int, reused: Bool, opensMore: Bool, expected: String) {
    var diagnosis = Diagnosis(keepsVerdicts: false)
    let account = AccountKey(service: 1, peer: 1)
    if reused { diagnosis.noteReuse(account) }
    diagnosis.end(Close(siblings: siblings).facts(0))
    if opensMore { diagnosis.open(account, server: server, at: moment(1.5)) }
    diagnosis.decideAll()
    #expect(summary(diagnosis.report.whole) == expected)
  }

  /// A pool that is too small: connections that it opened in vain, and its last ones, are surplus like the rest. Beside
  /// a pool that is in order, the same are health checks.
  @Test(arguments: [
    (discards: 10, vain: 4, expected: "pool_overflow=14"), (discards: 2, vain: 4, expected: "probe=4 pool_overflow=2"),
    (discards: 0, vain: 4, expected: "probe=4"),
  ])
  func surplus(discards: Int, vain: Int, expected: String) {
    var diagnosis = Diagnosis(keepsVerdicts: false)
    let account = AccountKey(service: 1, peer: 1)
    diagnosis.noteReuse(account)
    for serial in 0..<discards { diagnosis.end(Close(at: Double(serial), siblings: 2).facts(serial)) }
    for serial in 0..<vain { diagnosis.end(Close(at: 10, exchanges: 0, hasPayload: false, siblings: 2).facts(serial)) }
    diagnosis.decideAll()
    #expect(summary(diagnosis.report.whole) == expected)
  }

  /// Counted in runs, which end with another service, when the report is asked for, and when an account is given back.
  @Test func unheardAreCounted() {
    var diagnosis = Diagnosis(keepsVerdicts: true)
    let client = Endpoint(address: IPAddress(ipv4: 0x0B00_0001), port: 4000)
    let services: [UInt32] = [1, 1, 2, 1, 0, 0, 2, 2]
    for (serial, service) in services.enumerated() {
      let address = IPAddress(ipv4: 0x0A00_0001 + service)
      let account = AccountKey(service: service, peer: 0)
      let (server, now) = (Endpoint(address: address, port: 80), moment(1))
      if serial % 2 == 0 {
        diagnosis.open(account, server: server, at: now)
        diagnosis.endUnheard(UInt64(serial), service: service)
      } else {
        let ends = RequestEnds(SegmentEnds(source: client, destination: server))
        diagnosis.open(account, ends, at: now, inPlaceOf: UInt64(serial), service: service)
      }
      #expect(diagnosis.report.whole[.unknown] == serial + 1)
      #expect(diagnosis.verdict(of: UInt64(serial))?.cause == .unknown)
    }
    #expect(diagnosis.current.services.map { $0.causes.counts[.unknown] } == [2, 3, 3])
    diagnosis.release(service: 2)
    #expect(diagnosis.current.services.map { $0.causes.counts[.unknown] } == [2, 3])
    #expect(diagnosis.report.past[.unknown] == 3 && diagnosis.report.whole[.unknown] == 8)
  }

  /// Causes that are known at once are not all until the others are known, too.
  @Test func undecidedAreCounted() throws {
    var diagnosis = Diagnosis(keepsVerdicts: false)
    diagnosis.open(AccountKey(service: 1, peer: 1), server: server, at: moment(0))
    for serial in 0..<30 { diagnosis.end(Close(asked: .client).facts(serial)) }
    for serial in 30..<100 { diagnosis.end(Close().facts(serial)) }
    #expect(diagnosis.current.whole.undecided == 70)
    let early = try #require(diagnosis.current.findings().first)
    #expect(early.summary.hasPrefix("30 of 100 closed connections (30 %)"))
    diagnosis.decideAll()
    let counts = try #require(diagnosis.current.byService[server]).counts
    #expect((counts.undecided, counts.closes, diagnosis.current.whole.undecided) == (0, 100, 0))
  }

  @Test(
    arguments: [
      (idles: [5, 5.01, 5.02, 5.0, 5.03], expected: 5.01), (idles: [5, 5, 5, 5], expected: nil),
      (idles: [1, 3, 5, 7, 9, 11], expected: nil), (idles: [60, 60.1, 2, 60.2, 60.3, 30, 60.4], expected: 60.2),
    ] as [(idles: [Double], expected: Double?)]
  )
  func timeout(idles: [Double], expected: Double?) {
    var diagnosis = Diagnosis(keepsVerdicts: false)
    let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 80)
    diagnosis.open(AccountKey(service: 1, peer: 1), server: server, at: Instant(nanoseconds: 0))
    for (serial, idle) in idles.enumerated() {
      diagnosis.end(Close.idle(idle, at: Double(serial)).facts(serial))
      // Whether it is asked for between the closes makes no difference.
      if serial % 2 == 0 { diagnosis.decide(at: Instant(nanoseconds: 0)) }
      _ = diagnosis.current
    }
    let timeouts = diagnosis.current.byService[server]?.timeouts
    #expect(timeouts?.server?.value.value == expected)
    #expect(timeouts?.client == nil)
  }

  /// A server of 5 s; what its clients do, and what is found.
  @Test(
    arguments: [
      (clientIdles: [Double](), announced: nil, races: 0, expected: []),
      (clientIdles: [2, 2, 2, 2, 2], announced: nil, races: 0, expected: []),
      (clientIdles: [], announced: nil, races: 2, expected: ["keep-alive-mismatch warning"]),
      (clientIdles: [6, 6, 6, 6, 6], announced: nil, races: 0, expected: ["keep-alive-mismatch info"]),
      (
        clientIdles: [], announced: 60, races: 0,
        expected: ["keep-alive-mismatch info", "client-keep-alive-ignored info"]
      ),
    ] as [(clientIdles: [Double], announced: UInt16?, races: Int, expected: [String])]
  )
  func findings(clientIdles: [Double], announced: UInt16?, races: Int, expected: [String]) {
    var diagnosis = Diagnosis(keepsVerdicts: false)
    diagnosis.open(AccountKey(service: 1, peer: 1), server: server, at: moment(0))
    for index in 0..<5 {
      var facts = Close.idle(5, at: Double(index)).facts(index)
      facts.clientAnnounced = announced
      diagnosis.end(facts)
    }
    for idle in clientIdles { diagnosis.end(Close.idle(idle, by: .client).facts(9)) }
    for _ in 0..<races { diagnosis.end(Close(by: .server, facts: [\.isReuseRace]).facts(9)) }
    #expect(diagnosis.current.findings().map { "\($0.id.rawValue) \($0.severity)" } == expected)
  }

  private let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 80)

  private func moment(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

  /// `no_pool=3 refused`, in alphabetical order.
  private func summary(_ counts: CauseCounts) -> String {
    let words = CloseCause.allCases.filter { counts[$0] > 0 }.map { cause in
      let name = "\(cause)".reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : "\($1)" }
      return counts[cause] == 1 ? name : "\(name)=\(counts[cause])"
    }
    return words.sorted().reversed().sorted { !$0.contains("=") && $1.contains("=") }.joined(separator: " ")
  }
}

extension Close {
  fileprivate func facts(_ serial: Int) -> CloseFacts {
    var facts = CloseFacts(serial: UInt64(serial), service: 1, peer: 1, at: Instant(nanoseconds: Int64(at * 1e9)))
    facts.closedFirst = by
    facts.kind = kind
    facts.exchanges = exchanges
    facts.requestedBy = asked
    facts.idle = Seconds(nanoseconds: Int64((idle * 1e9).rounded()))
    facts.life = Seconds(nanoseconds: Int64(life * 1e9))
    facts.conversation = conversation
    facts.isHTTP10 = isHTTP10
    facts.isAbrupt = isAbrupt
    facts.deadPeer = deadPeer
    facts.hasPayload = hasPayload
    facts.announcedMaximum = announcedMaximum
    facts.openSiblings = siblings
    facts.lastGap = Seconds(nanoseconds: Int64(gap * 1e9))
    for fact in self.facts { facts.facts[keyPath: fact] = true }
    return facts
  }
}
