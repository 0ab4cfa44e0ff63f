internal import PacketDecoding

/// What a good colleague would point out.
package struct Finding: Sendable, Equatable {
  package enum Severity: String, Sendable {
    case info, warning, critical
  }

  package enum Identifier: String, Sendable, CaseIterable {
    case keepAliveMismatch = "keep-alive-mismatch"
    case clientKeepAliveIgnored = "client-keep-alive-ignored"
    case ephemeralPortsRunningOut = "ephemeral-ports-running-out"
    case harmlessTimeWait = "time-wait-harmless"
  }

  /// A figure behind a finding, by the name that it has in JSON.
  package struct Evidence: Sendable, Equatable {
    package enum Value: Sendable, Equatable {
      case text(String)
      case count(Int)
      case number(Double)
    }

    package var name: String
    /// Nil where it is not known.
    package var value: Value?

    package init(_ name: String, _ value: Value?) {
      self.name = name
      self.value = value
    }
  }

  package var id: Identifier
  package var severity: Severity
  package var summary: String
  package var advice: String
  package var evidence: [Evidence]

  package init(_ id: Identifier, _ severity: Severity, summary: String, advice: String, evidence: [Evidence]) {
    self.id = id
    self.severity = severity
    self.summary = summary
    self.advice = advice
    self.evidence = evidence
  }
}

extension CauseReport {
  /// The worst first, then by service.
  package var findings: [Finding] {
    services.sorted { a, b in
      let (own, others) = (a.causes.counts[.reuseRace], b.causes.counts[.reuseRace])
      return own != others ? own > others : a.service.description < b.service.description
    }
    .flatMap { $0.causes.findings($0.service) }
  }
}

extension ServiceCauses {
  func findings(_ service: Endpoint) -> [Finding] {
    [mismatch(service), ignoredAnnouncement(service)].compactMap { $0 }
  }

  /// A client that keeps idle connections as long as the server, or longer, sends requests into closed ones.
  private func mismatch(_ service: Endpoint) -> Finding? {
    guard let server = timeouts.server else { return nil }
    let limit = [timeouts.client?.value, timeouts.clientAnnounced].compactMap { $0 }.max()
    let races = counts[.reuseRace]
    guard races > 0 || limit.map({ $0 >= server.value }) == true else { return nil }
    let kept = limit.map { "its clients keep them for \($0.inWords)" } ?? "its clients keep them longer"
    let crossed = races > 0 ? "; \(races) requests crossed the close and were lost" : ""
    let safe = Seconds(nanoseconds: max(server.value.nanoseconds - 1_000_000_000, server.value.nanoseconds / 2))
    return Finding(
      .keepAliveMismatch,
      races > 0 ? .warning : .info,
      summary: "\(service) closes idle connections after \(server.value.inWords), \(kept)\(crossed).",
      advice: """
        Let the client give up an idle connection first: an idle limit of at most \(safe.inWords) (Go: \
        Transport.IdleConnTimeout; Apache HttpClient: evictIdleConnections or the connection's time to live; Node: the \
        agent's keepAlive time-out). Or raise the server's above the client's (nginx: keepalive_timeout; Apache: \
        KeepAliveTimeout; Node: server.keepAliveTimeout).
        """,
      evidence: evidence(service, server, limit, races)
    )
  }

  private func ignoredAnnouncement(_ service: Endpoint) -> Finding? {
    guard let server = timeouts.server, let announced = timeouts.clientAnnounced, announced > server.value else {
      return nil
    }
    return Finding(
      .clientKeepAliveIgnored,
      .info,
      summary: """
        A client of \(service) announces Keep-Alive: timeout=\(announced.inWords); the server closes after \
        \(server.value.inWords) all the same.
        """,
      advice:
        "The server's time-out decides, and its own Keep-Alive header tells it: set the client's limit below that.",
      evidence: evidence(service, server, announced, 0)
    )
  }

  private func evidence(
    _ service: Endpoint,
    _ server: IdleTimeout,
    _ limit: Seconds?,
    _ races: Int
  ) -> [Finding.Evidence] {
    [
      Finding.Evidence("service", .text(service.description)),
      Finding.Evidence("server_idle_timeout_seconds", .number(server.value.value)),
      Finding.Evidence("server_samples", .count(server.samples)),
      Finding.Evidence("client_idle_limit_seconds", limit.map { .number($0.value) }),
      Finding.Evidence("reuse_races", .count(races)),
    ]
  }
}

extension Seconds {
  /// `5 s`, `0.25 s`.
  fileprivate var inWords: String {
    let hundredths = (nanoseconds + 5_000_000) / 10_000_000
    let (whole, rest) = (hundredths / 100, hundredths % 100)
    guard rest > 0 else { return "\(whole) s" }
    return rest % 10 == 0 ? "\(whole).\(rest / 10) s" : "\(whole).\(rest < 10 ? "0" : "")\(rest) s"
  }
}
