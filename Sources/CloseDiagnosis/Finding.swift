package import PacketDecoding

/// What a good colleague would point out.
package struct Finding: Sendable, Equatable {
  package enum Severity: String, Sendable {
    case info, warning
  }

  package enum Identifier: String, Sendable {
    case keepAliveMismatch = "keep-alive-mismatch"
    case clientKeepAliveIgnored = "client-keep-alive-ignored"
  }

  package var id: Identifier
  package var severity: Severity
  package var service: Endpoint
  package var summary: String
  package var advice: String
  package var serverTimeout: IdleTimeout?
  package var clientLimit: Seconds?
  package var races: Int
}

extension CauseReport {
  /// The worst first, then by service.
  package var findings: [Finding] {
    services.flatMap { $0.causes.findings($0.service) }.sorted { a, b in
      if a.races != b.races { return a.races > b.races }
      return (a.service.description, a.id.rawValue) < (b.service.description, b.id.rawValue)
    }
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
      id: .keepAliveMismatch,
      severity: races > 0 ? .warning : .info,
      service: service,
      summary: "\(service) closes idle connections after \(server.value.inWords), \(kept)\(crossed).",
      advice: """
        Let the client give up an idle connection first: an idle limit of at most \(safe.inWords) (Go: \
        Transport.IdleConnTimeout; Apache HttpClient: evictIdleConnections or the connection's time to live; Node: the \
        agent's keepAlive time-out). Or raise the server's above the client's (nginx: keepalive_timeout; Apache: \
        KeepAliveTimeout; Node: server.keepAliveTimeout).
        """,
      serverTimeout: server,
      clientLimit: limit,
      races: races
    )
  }

  private func ignoredAnnouncement(_ service: Endpoint) -> Finding? {
    guard let server = timeouts.server, let announced = timeouts.clientAnnounced, announced > server.value else {
      return nil
    }
    return Finding(
      id: .clientKeepAliveIgnored,
      severity: .info,
      service: service,
      summary: """
        A client of \(service) announces Keep-Alive: timeout=\(announced.inWords); the server closes after \
        \(server.value.inWords) all the same.
        """,
      advice:
        "The server's time-out decides, and its own Keep-Alive header tells it: set the client's limit below that.",
      serverTimeout: server,
      clientLimit: announced,
      races: 0
    )
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
