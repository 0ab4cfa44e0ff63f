internal import ConnectionTracking
package import PacketDecoding

extension CauseReport {
  /// What is worth a word of each service, as far as its closes tell.
  ///
  /// - Parameter subject: what else is known of a service.
  package func findings(_ subject: (Endpoint) -> FindingSubject = { FindingSubject($0) }) -> [Finding] {
    services.flatMap { $0.causes.findings(subject($0.service)) }
  }
}

extension ServiceCauses {
  func findings(_ subject: FindingSubject) -> [Finding] {
    // What is beyond the limit of services is no service.
    guard subject.service.port != 0 else { return [] }
    return timeoutFindings(subject) + wasteFindings(subject) + failureFindings(subject) + doubtFindings(subject)
  }

  /// How often a cause has to occur to be worth a word, and how often to be a warning.
  struct Bar {
    var count: Int
    var percent: Int
    var warning: Int

    /// Connections that could have been kept: a few are nothing.
    static let waste = Bar(count: 20, percent: 5, warning: 100)
    /// Something did not work.
    static let failure = Bar(count: 3, percent: 0, warning: 10)
  }

  /// A finding of one cause when it occurs often enough; `nil` as severity: as often as the bar says.
  func finding(
    _ id: Finding.Identifier,
    _ cause: CloseCause,
    _ bar: Bar,
    _ subject: FindingSubject,
    severity: Finding.Severity? = nil,
    what: String,
    advice: String,
    more: [Finding.Evidence] = []
  ) -> Finding? {
    let (count, total) = (counts[cause], counts.closes)
    guard count >= bar.count, count * 100 >= bar.percent * total else { return nil }
    let percent = total > 0 ? count * 100 / total : 0
    let head =
      count == total ? "All \(count) closed connections" : "\(count) of \(total) closed connections (\(percent) %)"
    let isOften = count >= bar.warning && count * 5 >= total || bar.percent == 0 && count >= bar.warning
    return Finding(
      id,
      severity ?? (isOften ? .warning : .info),
      summary: "\(head) to \(subject.service) \(what).",
      advice: advice,
      evidence: evidence(cause, count, total, subject) + more,
      service: subject.service
    )
  }

  private func evidence(_ cause: CloseCause, _ count: Int, _ total: Int, _ subject: FindingSubject) -> [Finding
    .Evidence]
  {
    let peers = evidence(of: cause)?.peers ?? []
    let newest = evidence(of: cause).map { [[Finding.Evidence("client", .text("\($0.newest)"))]] } ?? []
    return subject.evidence + [
      Finding.Evidence("close_cause", .text(cause.name)),
      Finding.Evidence("count", .count(count)),
      Finding.Evidence("closed", .count(total)),
      Finding.Evidence(
        "peers",
        .list(peers.map { [.init("address", .text("\($0.address)")), .init("count", .count($0.count))] })
      ),
      Finding.Evidence("connections", .list(newest)),
    ]
  }
}

// MARK: - Connections that could have been kept

extension ServiceCauses {
  private func wasteFindings(_ subject: FindingSubject) -> [Finding] {
    let pays = subject.whoPays
    return [
      finding(
        .noConnectionReuse,
        .noPool,
        .waste,
        subject,
        what: "carried one request and were closed by the client at once\(pays)",
        advice: subject.advice(.reuseConnections)
      ),
      finding(
        .poolTooSmall,
        .poolOverflow,
        .waste,
        subject,
        what: "were closed by a client that kept others: its pool was full\(pays)",
        advice: subject.advice(.enlargePool)
      ),
      finding(
        .clientAsksForClose,
        .clientAsked,
        .waste,
        subject,
        what: "were closed because the client asked for it (Connection: close)\(pays)",
        advice: subject.advice(.stopAskingForClose)
      ),
      finding(
        .serverAsksForClose,
        .serverAsked,
        .waste,
        subject,
        what: "were closed because the server alone asked for it (Connection: close)\(pays)",
        advice: subject.advice(.keepConnectionsAlive)
      ),
      finding(
        .http10Clients,
        .http10,
        .waste,
        subject,
        what: "spoke HTTP/1.0 without keep-alive\(pays)",
        advice: subject.advice(.speakHTTP11)
      ),
      finding(
        .answersUnread,
        .responseUnread,
        .waste,
        subject,
        what: "were closed by the client with part of the answer unread\(pays)",
        advice: subject.advice(.readAnswers)
      ),
    ].compactMap { $0 } + limitFindings(subject)
  }

  private func limitFindings(_ subject: FindingSubject) -> [Finding] {
    let requests = timeouts.requestLimit.map { " of \($0)" } ?? ""
    let hint = timeouts.requestLimit.flatMap(KnownTimeout.hint(requests:)).map { " (\($0).)" } ?? ""
    let mean = subject.exchangesPerConnection ?? 0
    let isShort = counts[.serverIdle] * 2 >= counts.total && mean <= 2 && mean > 0
    return [
      finding(
        .requestLimit,
        .maxRequests,
        .waste,
        subject,
        severity: .info,
        what: "reached the server's limit\(requests) requests\(subject.whoPays)",
        advice: subject.advice(.raiseRequestLimit) + hint,
        more: [Finding.Evidence("request_limit", timeouts.requestLimit.map { .count($0) })]
      ),
      finding(
        .ageLimit,
        .maxAge,
        .waste,
        subject,
        severity: .info,
        what: "reached the server's limit of age",
        advice: subject.advice(.raiseAgeLimit)
      ),
      isShort
        ? finding(
          .idleTimeoutTooShort,
          .serverIdle,
          Bar(count: 50, percent: 50, warning: .max),
          subject,
          what: """
            were closed by the server for idleness\(timeouts.server.map { ", after \($0.value.inWords)" } ?? ""), \
            with \((mean * 10).rounded() / 10) requests on each\(subject.whoPays)
            """,
          advice: subject.advice(.raiseIdleTimeout),
          more: [Finding.Evidence("requests_per_connection", .number((mean * 100).rounded() / 100))]
        ) : nil,
    ].compactMap { $0 }
  }
}

// MARK: - What did not work

extension ServiceCauses {
  private func failureFindings(_ subject: FindingSubject) -> [Finding] {
    let patience = timeouts.patience.map { ", mostly after \($0.value.inWords)" } ?? ""
    return [
      finding(
        .requestsUnread,
        .requestUnread,
        .failure,
        subject,
        what: "were closed by a server that had not read the request to its end",
        advice: subject.advice(.takeRequestsWhole)
      ),
      finding(
        .requestsUnanswered,
        .noResponse,
        .failure,
        subject,
        what: "were closed by the server without an answer to a request",
        advice: subject.advice(.answerRequests)
      ),
      finding(
        .clientsGiveUp,
        .clientGaveUp,
        .failure,
        subject,
        what: "were closed by a client that lost patience\(patience)",
        advice: subject.advice(.waitLonger),
        more: [Finding.Evidence("patience_seconds", timeouts.patience.map { .number($0.value.value) })]
      ),
      finding(
        .serverExits,
        .processExit,
        .failure,
        subject,
        what: "ended with the server's process",
        advice:
          "Look at the server's log and its supervisor for that moment; let it drain before it goes (SIGTERM, preStop)."
      ),
      finding(
        .serverReloads,
        .drain,
        .failure,
        subject,
        severity: .info,
        what: "were closed together by a server that went on: a reload, a worker that was replaced",
        advice: "Harmless now and then. Let clients repeat requests that are safe to repeat."
      ),
      finding(
        .middleboxForgets,
        .middlebox,
        .failure,
        subject,
        what: "were reset after a long silence, as a NAT or a load balancer does that has forgotten them",
        advice: """
          AWS forgets after 350 s (NAT, NLB), Azure after 240 s: net.ipv4.tcp_keepalive_time below that, with SO_KEEPALIVE \
          on the sockets (7200 s is the default), or a client's idle limit below it. \
          \(subject.advice(.giveUpIdleFirst))
          """
      ),
      finding(
        .peersVanish,
        .deadPeer,
        .failure,
        subject,
        what: "lost their other end without a word",
        advice: """
          Look at that host and the way to it. net.ipv4.tcp_keepalive_time, _intvl and _probes (or TCP_USER_TIMEOUT) say \
          how soon it shows.
          """
      ),
    ].compactMap { $0 }
  }

  private func doubtFindings(_ subject: FindingSubject) -> [Finding] {
    [
      finding(
        .healthChecks,
        .probe,
        Bar(count: 100, percent: 20, warning: .max),
        subject,
        severity: .info,
        what: "were opened and closed without a word, as health checks and port scans are: harmless",
        advice: "Nothing to do. A check that sends a request on a connection it keeps costs less."
      ),
      counts[.unknown] - subject.unanswered < 50
        ? nil
        : finding(
          .reasonsUnknown,
          .unknown,
          Bar(count: 50, percent: 20, warning: .max),
          subject,
          severity: .info,
          what: "closed for no reason that shows",
          advice: "Look at them: tcpstated connections cause unknown."
        ),
      finding(
        .reasonsUnknown,
        .tlsOpaque,
        Bar(count: 50, percent: 50, warning: .max),
        subject,
        severity: .info,
        what: "are encrypted, and neither sizes nor silences tell why they closed",
        advice: "The server's access log knows (nginx: $connection_requests, $request_time)."
      ),
    ].compactMap { $0 }
  }
}
