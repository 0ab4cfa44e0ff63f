extension Page {
  /// What an operator wants on one screen.
  mutating func add(_ status: StatusDocument) {
    add(Self.title(status.live), .bold)
    gap()
    add(Self.entries(status))
    if let table = Self.statesTable(status.overview.states) {
      gap()
      add(table)
    }
    let services = status.overview.services.prefix(10)
    if !services.isEmpty {
      gap()
      add(Self.servicesTable(services))
    }
    let lingering = (status.overview.lingering ?? []).prefix(10)
    if !lingering.isEmpty {
      gap()
      add(Self.lingeringTable(lingering))
    }
    let owners = (status.live.owners ?? []).prefix(10)
    if owners.contains(where: { $0.unit != nil }) {
      gap()
      add(Self.ownersTable(owners))
    }
    if let findings = status.overview.findings, !findings.isEmpty {
      gap()
      addFindings(findings)
    }
    gap()
    addAlerts(status.live.alerts ?? [], time: status.live.time)
    if let silences = status.live.silences, !silences.isEmpty {
      gap()
      addSilences(silences, time: status.live.time)
    }
  }

  private static func title(_ live: StatusDocument.Live) -> String {
    var title = "tcpstated"
    if let version = live.version { title += " \(version)" }
    if let host = live.host { title += " on \(host)" }
    if let uptime = live.uptimeSeconds { title += ", up \(Figure.span(seconds: uptime))" }
    if let workers = live.workers, workers > 1 { title += ", \(workers) workers" }
    return title
  }

  private static func entries(_ status: StatusDocument) -> [Entry] {
    let overview = status.overview
    var connections = "\(Figure.count(overview.connections)) seen, \(Figure.count(overview.open)) open"
    if let table = status.live.table {
      connections += "; \(Figure.count(table.used)) of \(Figure.count(table.capacity)) in the table"
      if table.evicted > 0 { connections += ", \(Figure.count(table.evicted)) evicted" }
    }
    var entries = [
      Entry("TIME_WAIT", [timeWait(overview.timeWait)] + hostTimeWait(status.live)),
      Entry("Connections", [connections]),
      Entry("Closed first", [closedFirst(overview.closedFirst, open: overview.open)]),
      Entry("Ended by", [kinds(overview.closeKind)]),
      Entry("Packets", ["\(Figure.count(overview.packets)), \(Figure.count(overview.tcpPackets)) of them TCP"]),
    ]
    let causes = causes(overview.closeCause ?? [:], undecided: overview.closeCauseUndecided ?? 0)
    if let causes { entries.insert(Entry("Why", [causes]), at: 4) }
    let handshakes = handshakes(overview.handshakes)
    if !handshakes.isEmpty { entries.append(Entry("Handshakes", handshakes)) }
    if let capture = status.live.capture, capture.lowerBound ?? false {
      entries.append(Entry("Capture", [Self.capture(capture)], .yellow))
    }
    let interfaces = (status.live.interfaces ?? []).map(interface)
    if !interfaces.isEmpty { entries.append(Entry("Interfaces", interfaces)) }
    let deliveries = deliveries(status.live.deliveries ?? [])
    if !deliveries.isEmpty { entries.append(Entry("Deliveries", deliveries)) }
    return entries
  }

  /// This host's own, beside what its kernel counts.
  private static func hostTimeWait(_ live: StatusDocument.Live) -> [String] {
    guard let host = live.localTimeWait?.host else { return [] }
    var line = "of this host \(Figure.count(host))"
    if let kernel = live.localTimeWait?.kernel {
      line += "; the kernel counts \(Figure.count(kernel))"
      if let limit = live.kernel?.tcpMaxTwBuckets { line += " of at most \(Figure.count(limit))" }
      if let age = live.kernel?.ageSeconds { line += ", \(Figure.span(seconds: age)) ago" }
    }
    return [line]
  }

  /// Who holds the ends of this host.
  private static func ownersTable(_ owners: some Sequence<StatusDocument.Owner>) -> TextTable {
    var table = TextTable([.left("OWNER"), .right("OPEN"), .right("TIME_WAIT")])
    for owner in owners { table.add([.init(owner.unit ?? "(not known)"), .init(owner.open), .init(owner.timeWait)]) }
    return table
  }

  /// Why figures are lower bounds.
  private static func capture(_ capture: StatusDocument.Capture) -> String {
    var line = "figures are lower bounds: "
    line += capture.tier == "full" ? "packets were dropped within the last minute" : "tier \(capture.tier)"
    guard let configured = capture.configured, configured != capture.tier else { return line }
    line += " instead of \(configured)"
    if let since = capture.since { line += " since \(since)" }
    return line + ", because packets were dropped"
  }

  private static func interface(_ interface: StatusDocument.Interface) -> String {
    let name = interface.name
    guard interface.capturing ?? true else { return "\(name): not capturing (down or gone)" }
    var line = "\(name): \(Figure.count(interface.received)) received, \(Figure.count(interface.dropped)) dropped"
    if interface.dropped > 0 {
      line += " (\(Figure.share(interface.dropped, of: interface.received + interface.dropped)))"
    }
    if let tier = interface.tier, tier != "full" { line += ", \(tier) only" }
    return line
  }
}
