internal import Alerting
internal import CloseDiagnosis
internal import ConnectionTracking
internal import PacketDecoding
internal import StateAccounting

// Ends that wait for what does not come.
extension Snapshot {
  var lingeringFindings: [Finding] {
    accounts.lingering.compactMap { account in
      switch account.phase {
      case .closeWait: closeWaitLeak(account)
      case .finWait2: finWait2PileUp(account)
      case .synReceived: halfOpenPileUp(account)
      default: nil
      }
    }
  }

  /// Of a far end that does not close, what waits here is told instead.
  private func closeWaitLeak(_ account: LingeringAccount) -> Finding? {
    guard account.locality != .remote else { return nil }
    let holder = account.locality == .local ? "this host's" : "the"
    let owner = account.owner.map { " (\($0))" } ?? ""
    return Finding(
      .closeWaitLeak,
      account.count >= 1000 ? .critical : account.count >= 10 ? .warning : .info,
      summary: """
        \(account.count) connections of \(holder) \(account.role.name) at \(account.service)\(owner) have been in CLOSE_WAIT \
        for more than \(account.phase.patience.inWords), the oldest for \(FigureText.span(account.longest)): the other end \
        has closed, this one has not.
        """,
      advice: """
        The program forgets to close: look for connections and answers that are dropped without it (Go: resp.Body.Close() on \
        each path, conn.Close(); Java: try-with-resources; Python: with; Node: socket.destroy() on 'end' with allowHalfOpen), \
        and for threads that are stuck (a pool whose connections are tested only when they are taken). No sysctl ends \
        CLOSE_WAIT: each holds a file descriptor until the process closes it or ends.
        """,
      evidence: account.evidence,
      service: account.service
    )
  }

  private func finWait2PileUp(_ account: LingeringAccount) -> Finding? {
    // What is told of the other end is not told twice.
    let hasBothEnds = accounts.lingering.contains {
      $0.phase == .closeWait && $0.service == account.service && $0.role != account.role && $0.locality == .local
    }
    guard account.locality == .local, !hasBothEnds, account.count >= Self.leastPileUp else { return nil }
    let held = account.count - account.orphans
    let timeout = settings?.finTimeout?.inWords ?? "60 s"
    return Finding(
      .finWait2PileUp,
      account.count >= 100 ? .warning : .info,
      summary: """
        \(account.count) connections of this host's \(account.role.name) at \(account.service) have been in FIN_WAIT_2 for more \
        than \(account.phase.patience.inWords), the oldest for \(FigureText.span(account.longest)): the far end does not close.
        """,
      advice: """
        Mend the far end, which is in CLOSE_WAIT. \(held) of them are held by a process (shutdown(SHUT_WR), or half closed \
        on purpose) and have no time-out: let it wait no longer than it means to, then close. What no process holds ends \
        after net.ipv4.tcp_fin_timeout (\(timeout)) by itself.
        """,
      evidence: account.evidence + [Finding.Evidence("held_by_a_process", .count(held))],
      service: account.service
    )
  }

  private static let leastPileUp = 10

  private func halfOpenPileUp(_ account: LingeringAccount) -> Finding? {
    guard account.locality != .remote, account.count >= Self.leastPileUp else { return nil }
    let cookies = increases["TcpExtTCPReqQFullDoCookies"] ?? 0
    return Finding(
      .halfOpenPileUp,
      account.count >= 1000 ? .critical : account.count >= 100 ? .warning : .info,
      summary: """
        \(account.count) handshakes with \(account.service) have waited for their last ACK for more than \
        \(account.phase.patience.inWords), the oldest for \(FigureText.span(account.longest)).
        """,
      advice: """
        SYN-ACKs that do not arrive (a firewall, another way back), a flood with made-up addresses, or a full queue \
        (backlog-overflow). Against a flood: net.ipv4.tcp_syncookies=1 (the default), net.ipv4.tcp_max_syn_backlog, \
        net.core.somaxconn and the listener's backlog.
        """,
      evidence: account.evidence + [Finding.Evidence("syn_cookies_sent", .count(cookies))],
      service: account.service
    )
  }
}

extension LingeringAccount {
  fileprivate var evidence: [Finding.Evidence] {
    [
      Finding.Evidence("service", .text(service.description)),
      Finding.Evidence("owner", owner.map { .text($0) }),
      Finding.Evidence("side", locality.map { .text("\($0)") }),
      Finding.Evidence("end", .text(role.name)),
      Finding.Evidence("count", .count(count)),
      Finding.Evidence("longest_seconds", .number(longest.whole.value)),
      Finding.Evidence(
        "connections",
        .list(
          samples.map { sample in
            [
              .init("client", .text("\(sample.client)")), .init("server", .text("\(sample.server)")),
              .init("seconds", .number(sample.waited.whole.value)),
            ]
          }
        )
      ),
    ]
  }
}

extension Seconds {
  /// Rounded down.
  fileprivate var whole: Seconds { Seconds(nanoseconds / 1_000_000_000) }
}

extension Role {
  fileprivate var name: String { self == .client ? "client" : "server" }
}
