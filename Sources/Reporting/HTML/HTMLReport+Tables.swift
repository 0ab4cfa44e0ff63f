internal import CloseDiagnosis
internal import ConnectionTracking
internal import Monitoring
internal import PacketDecoding
internal import StateAccounting

// Findings, and tables of who is behind the figures.
extension HTMLReport {
  private static let listed = 25

  // MARK: Findings

  func findings(_ html: inout HTMLWriter) {
    let findings = snapshot.findings
    html.nest("section") { html in
      html.element("h2", "Findings")
      if findings.isEmpty {
        html.element("p", [("class", "finding good")], "Nothing is wrong that shows in these packets.")
      }
      for finding in findings {
        html.nest("article", [("class", "finding \(finding.severity.rawValue)")]) { html in
          html.nest("h3") { html in
            html.element("span", [("class", "badge")], finding.severity.rawValue)
            html.element("code", finding.id.rawValue)
          }
          html.element("p", finding.summary)
          html.element("p", [("class", "advice")], finding.advice)
        }
      }
    }
    html.line()
  }

  // MARK: Services

  func services(_ html: inout HTMLWriter) {
    let services = snapshot.accounts.services
    guard !services.isEmpty else { return }
    let causes = snapshot.causes.byService
    html.nest("section") { html in
      heading("Services", shown: min(Self.listed, services.count), of: services.count, &html)
      let titles = [
        "Service", "Connections", "Open", "Closed first", "TIME_WAIT server", "client", "Requests each",
        "Idle time-out",
        "Why",
      ]
      table(titles, numbers: [1, 2, 4, 5, 6], services.prefix(Self.listed), &html) { account, html in
        let causes = causes[account.service] ?? ServiceCauses()
        html.element("th", [("scope", "row")], account.service.port == 0 ? "others" : "\(account.service)")
        number(account.connections, &html)
        number(account.open, &html)
        html.nest("td") { html in
          bar(Self.closers(account.closedFirst), &html)
          html.element("span", [("class", "quiet")], Self.mostly(account.closedFirst))
        }
        number(account.server[.timeWait], &html)
        number(account.client[.timeWait], &html)
        html.element("td", [("class", "number")], account.histograms.exchanges.mean.map { HTMLText.number($0) } ?? "-")
        html.element("td", Self.timeouts(causes.timeouts))
        html.element("td", Self.reasons(causes.counts))
      }
    }
    html.line()
  }

  private static func closers(_ counts: Counts<ClosedFirst>) -> [(kind: String, name: String, count: Int)] {
    [
      ("server", "server", counts[.server]), ("client", "client", counts[.client]),
      ("both", "simultaneous", counts[.simultaneous]), ("none", "nobody", counts[.none]),
    ].filter { $0.count > 0 }
  }

  private static func mostly(_ counts: Counts<ClosedFirst>) -> String {
    let total = counts[.server] + counts[.client] + counts[.simultaneous]
    guard total > 0, let most = closers(counts).filter({ $0.kind != "none" }).max(by: { $0.count < $1.count }) else {
      return "nobody"
    }
    return "\(most.name) \(HTMLText.share(most.count, of: total))"
  }

  private static func timeouts(_ timeouts: ServiceTimeouts) -> String {
    let parts = [
      timeouts.server.map { "server \($0.value.inWords)" }, timeouts.client.map { "client \($0.value.inWords)" },
    ].compactMap { $0 }
    return parts.isEmpty ? "-" : parts.joined(separator: ", ")
  }

  private static func reasons(_ counts: CauseCounts) -> String {
    let causes = CloseCause.allCases.filter { counts[$0] > 0 }.sorted { counts[$0] > counts[$1] }
    let parts = causes.prefix(3).map { "\($0.name) \(HTMLText.share(counts[$0], of: counts.total))" }
    return parts.isEmpty ? "-" : parts.joined(separator: ", ")
  }

  // MARK: What waits

  func waiting(_ html: inout HTMLWriter) {
    let (lingering, counts) = (snapshot.accounts.lingering, snapshot.accounts.handshakes)
    guard !lingering.isEmpty || counts.hasTrouble else { return }
    html.nest("section") { html in
      html.element("h2", "What waits, and what did not get through")
      if counts.hasTrouble { html.element("p", Self.sentence(counts)) }
      guard !lingering.isEmpty else { return }
      let titles = ["State", "End", "Service", "Connections", "Longest", "For example"]
      table(titles, numbers: [3], lingering.prefix(Self.listed), &html) { account, html in
        html.element("th", [("scope", "row")], account.phase.name)
        html.element("td", account.locality.map { "\(account.role.name) (\($0))" } ?? account.role.name)
        html.element("td", "\(account.service)")
        number(account.count, &html)
        html.element("td", HTMLText.span(account.longest))
        html.element("td", account.samples.first.map { "from \($0.client)" } ?? "-")
      }
    }
    html.line()
  }

  private static func sentence(_ counts: HandshakeCounts) -> String {
    let parts = [
      (counts.synRepeats, "SYNs sent again"), (counts.synACKRepeats, "SYN-ACKs sent again"),
      (counts.synACKRepeatsAfterACK, "SYN-ACKs sent again after the ACK"), (counts.answeredLate, "answered late"),
      (counts.refused, "refused"), (counts.unreachable, "unreachable by ICMP"), (counts.unanswered, "never answered"),
    ].filter { $0.0 > 0 }
    return "Handshakes: " + parts.map { "\(HTMLText.count($0.0)) \($0.1)" }.joined(separator: ", ") + "."
  }

  // MARK: Destinations and clients

  func destinations(_ html: inout HTMLWriter) {
    let uses = snapshot.accounts.portUses
    guard !uses.isEmpty else { return }
    html.nest("section") { html in
      heading("Ports of local clients, by destination", shown: min(Self.listed, uses.count), of: uses.count, &html)
      let titles = ["From", "Destination", "Ports", "In TIME_WAIT", "Refused", "Unanswered"]
      table(titles, numbers: [2, 3, 4, 5], uses.prefix(Self.listed), &html) { use, html in
        html.element("th", [("scope", "row")], "\(use.address)")
        html.element("td", "\(use.destination)")
        for count in [use.used, use.timeWait, use.refused, use.unanswered] { number(count, &html) }
      }
    }
    html.line()
  }

  func clients(_ html: inout HTMLWriter) {
    let peers = snapshot.accounts.peers
    guard !peers.isEmpty else { return }
    html.nest("section") { html in
      heading("Clients", shown: min(Self.listed, peers.count), of: peers.count, &html)
      let titles = ["Client", "Service", "Connections", "Open", "TIME_WAIT", "Closed first", "Source ports"]
      table(titles, numbers: [2, 3, 4], peers.prefix(Self.listed), &html) { peer, html in
        html.element("th", [("scope", "row")], "\(peer.address)")
        html.element("td", peer.service.port == 0 ? "others" : "\(peer.service)")
        for count in [peer.connections, peer.open, peer.timeWaitClient + peer.timeWaitServer] { number(count, &html) }
        html.nest("td") { html in
          bar(Self.closers(peer.closedFirst), &html)
          html.element("span", [("class", "quiet")], Self.mostly(peer.closedFirst))
        }
        html.element("td", Self.ports(peer))
      }
    }
    html.line()
  }

  private static func ports(_ peer: PeerAccount) -> String {
    let recent = peer.recentPorts.prefix(3).map(String.init).joined(separator: " ")
    guard peer.connections > 1 else { return recent }
    switch peer.newPorts {
    case ...1: return "the same each time: \(recent)"
    case peer.connections...: return "a new one each time: \(recent)"
    default: return "a new one \(HTMLText.count(peer.newPorts)) times: \(recent)"
    }
  }

  // MARK: The rest

  func states(_ html: inout HTMLWriter) {
    let accounts = snapshot.accounts
    let phases = Phase.allCases.filter { $0 != .closed && accounts.client[$0] + accounts.server[$0] > 0 }
    html.nest("section", [("class", "pair")]) { html in
      if !phases.isEmpty {
        html.nest("div") { html in
          html.element("h2", "States at the end")
          table(["State", "Clients", "Servers"], numbers: [1, 2], phases, &html) { phase, html in
            html.element("th", [("scope", "row")], phase.name)
            number(accounts.client[phase], &html)
            number(accounts.server[phase], &html)
          }
        }
      }
      counts("Not decoded", snapshot.ingest.undecoded, &html)
      counts("Oddities", snapshot.ingest.anomalies, &html)
    }
    html.line()
  }

  private func counts(_ name: String, _ counts: [String: Int], _ html: inout HTMLWriter) {
    guard !counts.isEmpty, !snapshot.isSelection else { return }
    html.nest("div") { html in
      html.element("h2", name)
      let rows = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      table(["What", "Times"], numbers: [1], rows, &html) { row, html in
        html.element("th", [("scope", "row")], row.key)
        number(row.value, &html)
      }
    }
  }

  // MARK: Pieces

  private func heading(_ name: String, shown: Int, of all: Int, _ html: inout HTMLWriter) {
    html.element("h2", shown < all ? "\(name) (\(shown) of \(HTMLText.count(all)))" : name)
  }

  private func number(_ count: Int, _ html: inout HTMLWriter) {
    html.element("td", [("class", "number")], HTMLText.count(count))
  }

  private func table<Row>(
    _ titles: [String],
    numbers: Set<Int>,
    _ rows: some Sequence<Row>,
    _ html: inout HTMLWriter,
    _ row: (Row, inout HTMLWriter) -> Void
  ) {
    html.nest("div", [("class", "scroll")]) { html in
      html.nest("table") { html in
        html.nest("thead") { html in
          html.nest("tr") { html in
            for (index, title) in titles.enumerated() {
              html.element("th", [("scope", "col"), ("class", numbers.contains(index) ? "number" : "text")], title)
            }
          }
        }
        html.nest("tbody") { html in
          for entry in rows { html.nest("tr") { row(entry, &$0) } }
        }
      }
    }
  }
}
