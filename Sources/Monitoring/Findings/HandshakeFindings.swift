internal import CloseDiagnosis
internal import ConnectionTracking
internal import PacketDecoding
internal import StateAccounting

// Connections that did not come to be, or not at once.
extension Snapshot {
  var handshakeFindings: [Finding] {
    let overflow = [overflowOfThisHost].compactMap { $0 }
    let services = accounts.services.filter { $0.number > 0 || $0.service.port > 0 }
    return overflow
      + services.flatMap { account in
        [overflow.isEmpty ? fullBacklog(account) : nil, refusals(account), failures(account)].compactMap { $0 }
      }
  }

  // MARK: Queues of listeners

  /// The kernel counts them, and does not say whose.
  private var overflowOfThisHost: Finding? {
    let overflows = increases["TcpExtListenOverflows"] ?? 0
    let drops = max(increases["TcpExtListenDrops"] ?? 0, overflows)
    guard overflows > 0 || drops > 0 else { return nil }
    let suspect = accounts.services.filter { $0.locality == .local && $0.handshakes.signsOfOverflow > 0 }
      .max { $0.handshakes.signsOfOverflow < $1.handshakes.signsOfOverflow }
    let sign = suspect.map { "; most signs are at \($0.service): \($0.handshakes.signs)" } ?? ""
    let subject = suspect.map { FindingSubject($0) }
    return Finding(
      .backlogOverflow,
      overflows >= 10 ? .warning : .info,
      summary: """
        Listeners of this host dropped \(drops) handshakes since the daemon started, \(overflows) of them because a queue of \
        connections that wait for accept was full\(sign).
        """,
      advice: subject.map { $0.backlogAdvice } ?? FindingSubject.backlogAdvice,
      evidence: [
        Finding.Evidence("listen_overflows", .count(overflows)),
        Finding.Evidence("listen_drops", .count(drops)),
        Finding.Evidence("service", suspect.map { .text("\($0.service)") }),
        Finding.Evidence("owner", suspect?.owner.map { .text($0) }),
      ] + (suspect?.handshakes.evidence ?? []),
      service: suspect?.service
    )
  }

  /// Without the kernel's word it is a guess.
  private func fullBacklog(_ account: ServiceAccount) -> Finding? {
    let counts = account.handshakes
    // The kernel of a local listener would have said so.
    guard counts.synACKRepeatsAfterACK >= 3, settings == nil || account.locality != .local else { return nil }
    return Finding(
      .backlogOverflow,
      .info,
      summary: """
        \(account.service) sent \(counts.synACKRepeatsAfterACK) SYN-ACKs again after the handshake's ACK: its queue of \
        connections that wait for accept may be full, or the ACKs are lost on their way.
        """,
      advice: FindingSubject(account).backlogAdvice,
      evidence: account.evidence + counts.evidence,
      service: account.service
    )
  }

  // MARK: No connection

  private func refusals(_ account: ServiceAccount) -> Finding? {
    let count = account.handshakes.refused
    guard count >= 3 else { return nil }
    return Finding(
      .connectionsRefused,
      count >= 10 ? .warning : .info,
      summary: "\(account.service) refused \(count) of \(account.connections) connections: nobody listens there.",
      advice: """
        Look whether the server runs and where it listens (ss -ltn: 127.0.0.1 is not the others' address), and whether a \
        firewall rejects in its place. Clients that try again should wait longer each time.
        """,
      evidence: account.evidence + account.handshakes.evidence,
      service: account.service
    )
  }

  private func failures(_ account: ServiceAccount) -> Finding? {
    let counts = account.handshakes
    let failed = counts.unanswered + counts.unreachable
    guard failed >= 3 || counts.synRepeats >= 10 else { return nil }
    let outcomes = [
      (counts.unanswered, "without an answer"), (counts.unreachable, "unreachable (ICMP)"),
      (counts.answeredLate, "answered late"), (counts.refused, "refused"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    let outcome = outcomes.isEmpty ? "none has an answer yet" : outcomes.joined(separator: ", ")
    let here = account.locality == .local
    return Finding(
      .handshakesFail,
      failed >= 10 ? .warning : .info,
      summary: """
        \(counts.synRepeats) SYNs to \(account.service) were sent again; of \(account.connections) connections: \(outcome).
        """,
      advice: here
        ? """
        SYNs arrive here and are not answered: a firewall's rule (nft list ruleset), a full queue (backlog-overflow), or \
        nobody listens on that address and a firewall hides it.
        """
        : """
        Look at the way: a firewall that drops, a wrong route or address, a server whose queue is full. A first SYN is sent \
        again after a second: set the client's connect time-out well above that, and net.ipv4.tcp_syn_retries for the last \
        word (6 is two minutes).
        """,
      evidence: account.evidence + counts.evidence,
      service: account.service
    )
  }
}

extension HandshakeCounts {
  fileprivate var signsOfOverflow: Int { synACKRepeatsAfterACK + synRepeats }

  fileprivate var signs: String {
    let parts = [(synACKRepeatsAfterACK, "SYN-ACKs after the ACK"), (synRepeats, "SYNs")].filter { $0.0 > 0 }
    return parts.map { "\($0.0) \($0.1)" }.joined(separator: " and ") + " sent again"
  }

  fileprivate var evidence: [Finding.Evidence] {
    [
      Finding.Evidence("syn_repeats", .count(synRepeats)),
      Finding.Evidence("syn_ack_repeats_after_ack", .count(synACKRepeatsAfterACK)),
      Finding.Evidence("answered_late", .count(answeredLate)),
      Finding.Evidence("refused", .count(refused)),
      Finding.Evidence("unreachable", .count(unreachable)),
      Finding.Evidence("unanswered", .count(unanswered)),
    ]
  }
}

extension ServiceAccount {
  fileprivate var evidence: [Finding.Evidence] {
    [
      Finding.Evidence("service", .text(service.description)),
      Finding.Evidence("owner", owner.map { .text($0) }),
      Finding.Evidence("side", locality.map { .text("\($0)") }),
      Finding.Evidence("connections", .count(connections)),
    ]
  }
}
