import ConnectionTracking
import PacketDecoding
import Testing

@testable import CloseDiagnosis

/// What is worth a word, and in which words.
@Suite struct FindingTests {
  private static let service = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 80)
  private static let client = Endpoint(address: IPAddress(ipv4: 0x0A00_0007), port: 40_000)

  private static func causes(_ counts: [(CloseCause, Int)]) -> ServiceCauses {
    var causes = ServiceCauses()
    for (cause, count) in counts {
      causes.counts[cause] = count
      for _ in 0..<count { causes.note(client, cause) }
    }
    return causes
  }

  private func ids(_ causes: ServiceCauses, _ subject: FindingSubject = FindingSubject(service)) -> [String] {
    causes.findings(subject).map { "\($0.id.rawValue) \($0.severity)" }
  }

  /// Each cause, as often as it takes.
  @Test(
    arguments: [
      (.refused, 500, []), (.clientDone, 500, []), (.clientIdle, 500, []), (.serverIdle, 500, []),
      (.noPool, 19, []), (.noPool, 20, ["no-connection-reuse info"]), (.noPool, 100, ["no-connection-reuse warning"]),
      (.poolOverflow, 100, ["pool-too-small warning"]), (.clientAsked, 100, ["client-asks-for-close warning"]),
      (.serverAsked, 100, ["server-asks-for-close warning"]), (.http10, 100, ["http10-clients warning"]),
      (.responseUnread, 20, ["answers-unread info"]), (.maxRequests, 500, ["request-limit info"]),
      (.maxAge, 500, ["age-limit info"]), (.requestUnread, 3, ["requests-unread info"]),
      (.noResponse, 2, []), (.noResponse, 3, ["requests-unanswered info"]),
      (.noResponse, 10, ["requests-unanswered warning"]), (.clientGaveUp, 10, ["clients-give-up warning"]),
      (.processExit, 10, ["server-exits warning"]), (.drain, 10, ["server-reloads info"]),
      (.middlebox, 10, ["middlebox-forgets warning"]), (.deadPeer, 10, ["peers-vanish warning"]),
      (.reuseRace, 1, ["reuse-races warning"]), (.probe, 99, []), (.probe, 100, ["health-checks info"]),
      (.unknown, 50, ["reasons-unknown info"]), (.tlsOpaque, 50, ["reasons-unknown info"]),
    ] as [(CloseCause, Int, [String])]
  )
  func ofOneCause(cause: CloseCause, count: Int, expected: [String]) {
    #expect(ids(Self.causes([(cause, count)])) == expected)
  }

  /// Among many others a few are nothing, unless something failed.
  @Test(
    arguments: [
      (.noPool, 40, []), (.noPool, 60, ["no-connection-reuse info"]), (.poolOverflow, 300, ["pool-too-small warning"]),
      (.noResponse, 3, ["requests-unanswered info"]), (.probe, 100, []), (.unknown, 60, []),
    ] as [(CloseCause, Int, [String])]
  )
  func amongAThousand(cause: CloseCause, count: Int, expected: [String]) {
    #expect(ids(Self.causes([(cause, count), (.clientDone, 1000 - count)])) == expected)
  }

  @Test func saysWithNumbersWhoPays() throws {
    var subject = FindingSubject(Self.service)
    subject.clientTimeWait = 300
    let finding = try #require(Self.causes([(.noPool, 412), (.clientDone, 8)]).findings(subject).first)
    #expect(
      finding.summary == """
        412 of 420 closed connections (98 %) to 10.0.0.1:80 carried one request and were closed by the client at once; the \
        client holds 300 TIME_WAIT for it.
        """
    )
    let evidence = Dictionary(finding.evidence.map { ($0.name, $0.value) }) { first, _ in first }
    #expect(evidence["count"] == .count(412))
    let peer: [Finding.Evidence] = [.init("address", .text("10.0.0.7")), .init("count", .count(412))]
    #expect(evidence["peers"] == .list([peer]))
  }

  /// Of the program at hand only its own settings are named.
  @Test(arguments: [
    (
      "nginx.service", Locality.local,
      "Switch keep-alive on; many servers also close after an error, or when a request "
        + "was not read to its end. nginx: keepalive_timeout above 0, keepalive_disable, lingering_close."
    )
  ])
  func advisesTheProgramAtHand(owner: String, locality: Locality, expected: String) throws {
    var subject = FindingSubject(Self.service)
    (subject.owner, subject.locality) = (owner, locality)
    #expect(Self.causes([(.serverAsked, 100)]).findings(subject).first?.advice == expected)
    // The other end is another program, which nobody knows.
    let other = try #require(Self.causes([(.noPool, 100)]).findings(subject).first?.advice)
    #expect(other.contains("Go: one http.Client") && other.contains("requests.Session"))
  }

  @Test(
    arguments: [
      ("nginx.service", "nginx"), ("apache2.service", "Apache"), ("tomcat9.service", "Tomcat"),
      ("system-node.scope", "Node"), ("docker/my-haproxy-1", "haproxy"), ("php8.2-fpm.service", "PHP"),
      ("python3.service", "Python"), ("go-home.service", nil), ("ssh.service", nil), ("snode.service", nil), (nil, nil),
    ] as [(String?, String?)]
  )
  func programsAreKnownByTheirUnits(owner: String?, expected: String?) {
    #expect(Product(owner: owner)?.rawValue == expected)
  }

  @Test(
    arguments: [
      (5.02, .server, "5 s is the default of Apache (KeepAliveTimeout) and uvicorn (timeout-keep-alive)"),
      (75, .server, "75 s is the default of nginx (keepalive_timeout) and aiohttp (keepalive_timeout)"),
      (89.9, .client, "89.9 s is the default of Go's DefaultTransport (IdleConnTimeout)"), (7, .server, nil),
    ] as [(Double, KnownTimeout.Side, String?)]
  )
  func knownTimeouts(seconds: Double, side: KnownTimeout.Side, expected: String?) {
    #expect(KnownTimeout.hint(Seconds(nanoseconds: Int64(seconds * 1e9)), of: side) == expected)
  }

  struct Timeouts: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var server: Double?
    var serverAnnounced: Int64?
    var client: Double?
    var clientAnnounced: Int64?
    var races = 0
    var expected: [String]
  }

  @Test(arguments: [
    Timeouts(testDescription: "the client gives up first", server: 5, client: 4, expected: []),
    Timeouts(
      testDescription: "the server gives up first",
      server: 5,
      client: 60,
      expected: ["keep-alive-mismatch info"]
    ),
    Timeouts(testDescription: "with races", server: 5, races: 2, expected: ["keep-alive-mismatch warning"]),
    Timeouts(testDescription: "races, no time-out known", races: 2, expected: ["reuse-races warning"]),
    Timeouts(
      testDescription: "a client's own Keep-Alive",
      serverAnnounced: 5,
      clientAnnounced: 60,
      expected: ["client-keep-alive-ignored info"]
    ),
    Timeouts(testDescription: "a modest one", serverAnnounced: 60, clientAnnounced: 5, expected: []),
    Timeouts(
      testDescription: "a server that promises more than it keeps",
      server: 5,
      serverAnnounced: 60,
      expected: ["advertised-timeout-differs warning"]
    ),
    Timeouts(testDescription: "Node's extra second", server: 6, serverAnnounced: 5, expected: []),
  ])
  func ofTimeouts(example: Timeouts) {
    func timeout(_ seconds: Double?) -> IdleTimeout? {
      seconds.map { IdleTimeout(value: Seconds(nanoseconds: Int64($0 * 1e9)), samples: 9) }
    }
    var causes = Self.causes(example.races > 0 ? [(.reuseRace, example.races)] : [])
    causes.timeouts.server = timeout(example.server)
    causes.timeouts.client = timeout(example.client)
    causes.timeouts.serverAnnounced = example.serverAnnounced.map { Seconds($0) }
    causes.timeouts.clientAnnounced = example.clientAnnounced.map { Seconds($0) }
    #expect(ids(causes) == example.expected)
  }

  @Test func idleTimeoutTooShortForItsClients() {
    var subject = FindingSubject(Self.service)
    subject.exchangesPerConnection = 1.2
    #expect(ids(Self.causes([(.serverIdle, 60)]), subject) == ["idle-timeout-too-short info"])
    subject.exchangesPerConnection = 40
    #expect(ids(Self.causes([(.serverIdle, 60)]), subject) == [])
  }

  /// Whoever has many connections is among the four, whatever comes in between.
  @Test func evidenceKeepsTheBusiest() {
    var evidence = CauseEvidence(.noPool, Self.client)
    for number in 0..<200 as Range<UInt32> {
      evidence.add(Endpoint(address: IPAddress(ipv4: 0xC000_0000 + number), port: 1))
      evidence.add(Self.client)
    }
    #expect(evidence.peers.first?.address == Self.client.address && evidence.peers.count == 4)
    #expect(evidence.newest == Self.client)
  }
}
