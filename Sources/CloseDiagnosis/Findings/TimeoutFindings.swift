internal import PacketDecoding

// Idle time-outs of clients and servers that do not fit.
extension ServiceCauses {
  func timeoutFindings(_ subject: FindingSubject) -> [Finding] {
    [mismatch(subject) ?? races(subject), ignoredAnnouncement(subject), wrongAnnouncement(subject)].compactMap { $0 }
  }

  /// A client that keeps idle connections as long as the server, or longer, sends requests into closed ones.
  private func mismatch(_ subject: FindingSubject) -> Finding? {
    guard let server = timeouts.server else { return nil }
    let limit = [timeouts.client?.value, timeouts.clientAnnounced].compactMap { $0 }.max()
    let races = counts[.reuseRace]
    guard races > 0 || limit.map({ $0 >= server.value }) == true else { return nil }
    let kept = limit.map { "its clients keep them for \($0.inWords)" } ?? "its clients keep them longer"
    let crossed = races > 0 ? "; \(races) requests crossed the close and were lost" : ""
    let hints = [
      KnownTimeout.hint(server.value, of: .server),
      timeouts.client.flatMap { KnownTimeout.hint($0.value, of: .client) },
    ].compactMap { $0 }
    return Finding(
      .keepAliveMismatch,
      races > 0 ? .warning : .info,
      summary: "\(subject.service) closes idle connections after \(server.value.inWords), \(kept)\(crossed).",
      advice: """
        An idle limit of at most \(Self.safeLimit(below: server.value).inWords) at the client leaves a margin for the way. \
        \(subject.advice(.giveUpIdleFirst, .raiseIdleTimeout))\(hints.isEmpty ? "" : " (\(hints.joined(separator: "; ")).)")
        """,
      evidence: evidence(subject, server, limit),
      service: subject.service
    )
  }

  /// A second less; of short ones half.
  private static func safeLimit(below timeout: Seconds) -> Seconds {
    Seconds(nanoseconds: max(timeout.nanoseconds - 1_000_000_000, timeout.nanoseconds / 2))
  }

  /// Requests were lost, and the server's time-out does not show yet.
  private func races(_ subject: FindingSubject) -> Finding? {
    let known = timeouts.serverAnnounced.map { ", which announces \($0.inWords)" } ?? ""
    return finding(
      .reuseRaces,
      .reuseRace,
      Bar(count: 1, percent: 0, warning: 1),
      subject,
      what: "carried a request that crossed the server's close and was lost\(known)",
      advice: subject.advice(.giveUpIdleFirst, .raiseIdleTimeout)
        + " Requests that are safe to repeat can be repeated on a new connection."
    )
  }

  /// A client's own `Keep-Alive: timeout` is no setting of the server's.
  private func ignoredAnnouncement(_ subject: FindingSubject) -> Finding? {
    guard let announced = timeouts.clientAnnounced, let server = timeouts.server?.value ?? timeouts.serverAnnounced,
      announced > server
    else { return nil }
    let does = timeouts.server != nil ? "closes" : "announces that it closes"
    return Finding(
      .clientKeepAliveIgnored,
      .info,
      summary: """
        A client of \(subject.service) sends Keep-Alive: timeout=\(announced.nanoseconds / 1_000_000_000) without effect: \
        the server \(does) after \(server.inWords).
        """,
      advice: """
        The server's time-out decides, and its own Keep-Alive header tells it: set the client's idle limit below that. \
        \(subject.advice(.giveUpIdleFirst))
        """,
      evidence: evidence(subject, timeouts.server, announced),
      service: subject.service
    )
  }

  /// The server does not do what it announces.
  private func wrongAnnouncement(_ subject: FindingSubject) -> Finding? {
    guard let announced = timeouts.serverAnnounced, let server = timeouts.server,
      // Node adds a second on purpose, and says the shorter one: that is how it should be.
      server.value < announced, announced.value - server.value.value > 1
    else { return nil }
    return Finding(
      .advertisedTimeoutDiffers,
      .warning,
      summary: """
        \(subject.service) announces Keep-Alive: timeout=\(announced.nanoseconds / 1_000_000_000) and closes idle connections \
        after \(server.value.inWords) already: clients that believe it lose requests.
        """,
      advice: """
        Something on the way, or another limit, is shorter than what is announced: a load balancer's idle time-out, a limit \
        of idle connections, a time-out of the process behind. \
        \(subject.advice(.giveUpIdleFirst)) nginx: the second parameter of keepalive_timeout is what it announces.
        """,
      evidence: evidence(subject, server, timeouts.client?.value),
      service: subject.service
    )
  }

  private func evidence(_ subject: FindingSubject, _ server: IdleTimeout?, _ limit: Seconds?) -> [Finding.Evidence] {
    let peers = evidence(of: .reuseRace)?.peers ?? []
    return subject.evidence + [
      Finding.Evidence("server_idle_timeout_seconds", server.map { .number($0.value.value) }),
      Finding.Evidence("server_samples", server.map { .count($0.samples) }),
      Finding.Evidence("server_announced_seconds", timeouts.serverAnnounced.map { .number($0.value) }),
      Finding.Evidence("client_idle_limit_seconds", limit.map { .number($0.value) }),
      Finding.Evidence("reuse_races", .count(counts[.reuseRace])),
      Finding.Evidence(
        "peers",
        .list(peers.map { [.init("address", .text("\($0.address)")), .init("count", .count($0.count))] })
      ),
    ]
  }
}
