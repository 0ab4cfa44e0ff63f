import Alerting
import Foundation

extension TopModel {
  /// The same in each language: 17:30:49.
  static func clock(_ time: Date, in zone: TimeZone = .current) -> String {
    let format: Date.FormatString = """
      \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits)
      """
    return time.formatted(
      Date.VerbatimFormatStyle(format: format, timeZone: zone, calendar: Calendar(identifier: .gregorian))
    )
  }

  /// The whole screen, each line no wider than it.
  mutating func frame(width: Int, height: Int, palette: Palette, clock: String) -> [String] {
    var lines = head(width: width, palette: palette, clock: clock)
    let foot = foot(width: width, palette: palette)
    let room = max(height - lines.count - 1, 0)
    lines += body(width: width, height: room, palette: palette)
    lines = Array(lines.prefix(max(height - 1, 0)))
    lines += Array(repeating: "", count: max(height - 1 - lines.count, 0))
    return lines + [foot]
  }

  // MARK: Above

  private func head(width: Int, palette: Palette, clock: String) -> [String] {
    guard let status = data.status else {
      return [palette.paint(Self.cut("tcpstated top: \(data.problem ?? "asking the daemon")", width), .bold)]
    }
    let live = status.live
    var title = "tcpstated on \(live.host ?? "?"), up \(Figure.span(seconds: live.uptimeSeconds ?? 0))"
    title += isFrozen ? "  FROZEN" : "  \(clock)"
    var lines = [palette.paint(Self.cut(title, width), .bold)]
    if let problem = data.problem {
      lines.append(palette.paint(Self.cut(problem, width), .red))
    } else {
      lines.append(Self.cut(timeWait(status), width))
    }
    lines.append(Self.cut(connections(status), width))
    lines.append(
      Self.cut("Closed first " + Page.closedFirst(status.overview.closedFirst, open: status.overview.open), width)
    )
    let alerts = (live.alerts ?? []).filter(\.isFiring)
    if let alert = alerts.first {
      let more = alerts.count > 1 ? " (and \(alerts.count - 1) more)" : ""
      lines.append(palette.paint(Self.cut("ALERT \(alert.name)\(more): \(alert.summary ?? "")", width), .red))
    } else {
      lines.append(Self.cut("No alert fires.", width))
    }
    return lines
  }

  private func timeWait(_ status: StatusDocument) -> String {
    let overview = status.overview.timeWait
    var line = "TIME_WAIT    servers \(Figure.count(overview.server)), clients \(Figure.count(overview.client))"
    if let host = status.live.localTimeWait?.host { line += "; this host \(Figure.count(host))" }
    if let kernel = status.live.localTimeWait?.kernel {
      line += ", its kernel \(Figure.count(kernel))"
      if let age = status.live.kernel?.ageSeconds { line += " \(Figure.span(seconds: age.rounded(.up))) ago" }
    }
    return line
  }

  private func connections(_ status: StatusDocument) -> String {
    let overview = status.overview
    var line = "Connections  \(Figure.count(overview.connections)) seen, \(Figure.count(overview.open)) open"
    if let rate = data.opensPerSecond { line += ", \(FigureText.number((rate * 10).rounded() / 10)) new/s" }
    let dropped = (status.live.interfaces ?? []).reduce(0) { $0 + $1.dropped }
    return line + (dropped > 0 ? "; \(Figure.count(dropped)) packets lost by capture" : "")
  }

  // MARK: Below

  private func foot(width: Int, palette: Palette) -> String {
    if let typed {
      let asked = if case .connections = place.screen { "Filter: " } else { "Rows with: " }
      return asked + String(Self.cut(String(typed.reversed()), max(width - asked.count - 1, 1)).reversed()) + "_"
    }
    if let complaint { return palette.paint(Self.cutMiddle(complaint, width), .red) }
    return Self.cut("Enter open  Esc back  < > sort  r reverse  / filter  f freeze  ? help  q quit", width)
  }

  // MARK: Between

  private mutating func body(width: Int, height: Int, palette: Palette) -> [String] {
    guard data.status != nil, height > 0 else { return [] }
    switch place.screen {
    case .help: return [""] + Self.help.map { Self.cut($0, width) }
    case .connection(let line): return [""] + details(of: line).map { Self.cut($0, width) }
    default: break
    }
    guard let table else { return [] }
    let title = palette.paint(Self.cut(title(table.rows.count), width), .bold)
    pageSize = max(height - 3, 1)
    place.selected = max(0, min(place.selected, table.rows.count - 1))
    place.firstRow = max(0, min(place.firstRow, place.selected, table.rows.count - pageSize))
    place.firstRow = max(place.firstRow, place.selected - pageSize + 1)
    let seen = table.rows.dropFirst(place.firstRow).prefix(pageSize)
    var text = TextTable(
      table.columns.enumerated().map { index, column in
        let mark = place.sort == index ? (column.isNumber != place.isReversed ? "▼" : "▲") : ""
        return column.isNumber ? .right(column.title + mark) : .left(column.title + mark)
      }
    )
    for row in seen { text.add(row.values.map { TextTable.Cell($0.text, $0.style) }) }
    let lines = text.lines(width: width - 2, palette: palette)
    let marked = lines.enumerated().map { number, line in
      (number == place.selected - place.firstRow + 1 && !seen.isEmpty ? "> " : "  ") + line
    }
    return ["", title] + marked
  }

  private func title(_ count: Int) -> String {
    var title: String
    switch place.screen {
    case .services: title = "SERVICES"
    case .owners: title = "OWNERS"
    case .peers: title = "PEERS"
    case .destinations: title = "DESTINATIONS"
    case .connections(let filter): title = "CONNECTIONS" + (filter.isEmpty ? "" : " \(filter)")
    case .connection, .help: title = ""
    }
    if !place.words.isEmpty { title += " with \"\(place.words)\"" }
    guard case .connections(let filter) = place.screen else { return title + "  (\(Figure.count(count)))" }
    guard data.filter == filter else { return title + "  (asking)" }
    return title + (data.hasMore ? "  (the newest \(Figure.count(count)))" : "  (\(Figure.count(count)))")
  }

  /// The newest word on it, when there is one.
  private func details(of opened: ConnectionLine) -> [String] {
    let line = data.connections.first { $0.client == opened.client && $0.server == opened.server } ?? opened
    let facts: [(String, String?)] = [
      ("Client", "\(line.client)  \(line.clientState)"), ("Server", "\(line.server)  \(line.serverState)"),
      ("Closed first", line.closedFirst ?? "nobody"), ("Ended by", line.closeKind ?? "it is open"),
      ("Cause", line.cause),
      ("TIME_WAIT left", line.timeWaitRemainingSeconds.map { Figure.span(seconds: $0.rounded(.up)) }),
      ("Start", line.start), ("Lasted", line.durationSeconds.map { Figure.span(seconds: $0) }),
      ("Requests", line.exchanges.map(Figure.count)),
      ("From client", Self.sent(line.clientPackets, line.clientBytes)),
      ("From server", Self.sent(line.serverPackets, line.serverBytes)), ("Owner", line.owner?.unit),
      ("This host's end", line.localSide), ("Interface", line.interface),
      ("Zeek", "\(line.connState ?? "-")  \(line.history ?? "")"), ("Community ID", line.communityId),
    ]
    let known = facts.compactMap { name, value in value.map { (name, $0) } }
    return known.map { $0.0.padding(to: 17) + $0.1 }
  }

  private static func sent(_ packets: Int?, _ bytes: Int?) -> String? {
    guard let packets, let bytes else { return nil }
    return "\(Figure.count(packets, "packet")), \(Figure.count(bytes, "byte"))"
  }

  private static let help = [
    "s o p d c     services, owners, peers, destinations, connections",
    "Up Down       choose a row (also k j, Page Up, Page Down, Home, End)",
    "Enter         open it: a service shows its connections, one of those its facts",
    "Esc           back to where it was opened",
    "< >           sort by the next column to the left or right (also Left, Right)",
    "r             the other way round",
    "/             only some rows; of connections, by a filter: state time-wait",
    "f             freeze, and go on",
    "q             leave",
  ]

  /// Of a sentence that says at its end what was found.
  private static func cutMiddle(_ text: String, _ width: Int) -> String {
    let safe = SafeText.escape(text)
    guard safe.count > width else { return safe }
    return safe.prefix(max(width, 0) / 3) + "…" + safe.suffix(max(width - width / 3 - 1, 0))
  }

  /// What others chose is escaped here; a cut is seen.
  private static func cut(_ text: String, _ width: Int) -> String {
    let safe = SafeText.escape(text)
    return safe.count <= width ? safe : safe.prefix(max(width - 1, 0)) + "…"
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(width - count, 1)) }
}
