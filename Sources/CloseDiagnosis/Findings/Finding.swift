package import PacketDecoding

/// What a good colleague would point out.
package struct Finding: Sendable, Equatable {
  package enum Severity: String, Sendable, CaseIterable {
    case critical, warning, info
  }

  /// A figure behind a finding, by the name that it has in JSON.
  package struct Evidence: Sendable, Equatable {
    package indirect enum Value: Sendable, Equatable {
      case text(String)
      case count(Int)
      case number(Double)
      /// Objects.
      case list([[Evidence]])
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
  /// What it is about; nil for the host as a whole.
  package var service: Endpoint?

  package init(
    _ id: Identifier,
    _ severity: Severity,
    summary: String,
    advice: String,
    evidence: [Evidence],
    service: Endpoint? = nil
  ) {
    self.id = id
    self.severity = severity
    self.summary = summary
    self.advice = advice
    self.evidence = evidence
    self.service = service
  }
}

extension Finding {
  package enum Identifier: String, Sendable, CaseIterable {
    case ephemeralPortsRunningOut = "ephemeral-ports-running-out"
    case timeWaitLimit = "time-wait-limit"
    case backlogOverflow = "backlog-overflow"
    case closeWaitLeak = "close-wait-leak"
    case finWait2PileUp = "fin-wait-2-pile-up"
    case halfOpenPileUp = "half-open-pile-up"
    case handshakesFail = "handshakes-fail"
    case connectionsRefused = "connections-refused"
    case keepAliveMismatch = "keep-alive-mismatch"
    case reuseRaces = "reuse-races"
    case clientKeepAliveIgnored = "client-keep-alive-ignored"
    case advertisedTimeoutDiffers = "advertised-timeout-differs"
    case idleTimeoutTooShort = "idle-timeout-too-short"
    case noConnectionReuse = "no-connection-reuse"
    case poolTooSmall = "pool-too-small"
    case clientAsksForClose = "client-asks-for-close"
    case serverAsksForClose = "server-asks-for-close"
    case http10Clients = "http10-clients"
    case requestLimit = "request-limit"
    case ageLimit = "age-limit"
    case answersUnread = "answers-unread"
    case requestsUnread = "requests-unread"
    case requestsUnanswered = "requests-unanswered"
    case clientsGiveUp = "clients-give-up"
    case serverExits = "server-exits"
    case serverReloads = "server-reloads"
    case middleboxForgets = "middlebox-forgets"
    case peersVanish = "peers-vanish"
    case healthChecks = "health-checks"
    case reasonsUnknown = "reasons-unknown"
    case figuresIncomplete = "figures-incomplete"
    case harmlessTimeWait = "time-wait-harmless"
  }
}

extension Finding.Severity: Comparable {
  /// The worse is greater.
  package static func < (a: Finding.Severity, b: Finding.Severity) -> Bool { a.weight < b.weight }

  private var weight: Int {
    switch self {
    case .critical: 2
    case .warning: 1
    case .info: 0
    }
  }
}

extension Seconds {
  /// `5 s`, `0.25 s`, `2 min`.
  package var inWords: String {
    let hundredths = (nanoseconds + 5_000_000) / 10_000_000
    let (whole, rest) = (hundredths / 100, hundredths % 100)
    if whole >= 120, rest == 0, whole % 60 == 0 { return "\(whole / 60) min" }
    guard rest > 0 else { return "\(whole) s" }
    return rest % 10 == 0 ? "\(whole).\(rest / 10) s" : "\(whole).\(rest < 10 ? "0" : "")\(rest) s"
  }
}
