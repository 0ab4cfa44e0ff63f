internal import Alerting
internal import CloseDiagnosis
internal import GRDB
internal import Monitoring
internal import PacketDecoding

extension Archive {
  /// What is in the file; what is only in memory is added by who asks.
  func read(_ query: HistoryQuery, _ range: HistoryRange) throws -> HistoryAnswer.Rows {
    let minutes = range.since.minute..<max(range.until.minute + 1, range.since.minute)
    let step = query.step(in: range)
    return try database.inDatabase { database in
      switch query.subject {
      case .host: .samples(try Self.samples(database, "host_minute", minutes, step), step: step)
      case .services:
        if let service = query.service {
          .samples(try Self.samples(database, "service_minute", minutes, step, of: service.description), step: step)
        } else {
          .services(try Self.services(database, minutes, limit: query.limit))
        }
      case .destinations:
        if let destination = query.destination {
          .ports(try Self.ports(database, minutes, step, of: destination.description), step: step)
        } else {
          .destinations(try Self.destinations(database, minutes, limit: query.limit))
        }
      case .causes: .causes(try Self.causes(database, minutes, of: query.service?.description ?? ""))
      case .alerts: .alerts(try Self.alerts(database, minutes, limit: query.limit))
      case .findings: .findings(try Self.findings(database, minutes, limit: query.limit))
      }
    }
  }

  private static let figures = Schema.columns.map { $0.isPeak ? "max(\($0.name))" : "sum(\($0.name))" }
    .joined(separator: ", ")

  private static func samples(
    _ database: Database,
    _ table: String,
    _ minutes: Range<Int64>,
    _ step: Seconds,
    of service: String? = nil
  ) throws -> [FigureSample] {
    let only = service == nil ? "" : " AND service = ?"
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT minute / \(step.minutes) * \(step.minutes), \(figures) FROM \(table)
        WHERE minute >= ? AND minute < ?\(only) GROUP BY 1 ORDER BY 1
        """,
      arguments: [minutes.lowerBound, minutes.upperBound] + (service.map { [$0] } ?? [])
    )
    var samples: [FigureSample] = []
    while let row = try rows.next() { samples.append(FigureSample(row, time: Timestamp(minute: row[0]), from: 1)) }
    return samples
  }

  /// Added up here and not by the database, which would sort every row of a month first.
  private static func services(_ database: Database, _ minutes: Range<Int64>, limit: Int) throws -> [ServicePast] {
    let start = Timestamp(minute: minutes.lowerBound)
    let columns = Schema.columns.map(\.name).joined(separator: ", ")
    let rows = try Row.fetchCursor(
      database,
      sql: "SELECT service, \(columns) FROM service_minute WHERE minute >= ? AND minute < ?",
      arguments: [minutes.lowerBound, minutes.upperBound]
    )
    var found: [String: FigureSample] = [:]
    while let row = try rows.next() {
      found[row[0], default: FigureSample(time: start)].merge(FigureSample(row, time: start, from: 1))
    }
    let sorted = found.sorted { a, b in
      let (mine, others) = (a.value.client + a.value.server, b.value.client + b.value.server)
      if mine != others { return mine > others }
      let (opened, other) = (a.value.flow.opened, b.value.flow.opened)
      return opened != other ? opened > other : a.key < b.key
    }
    var services = sorted.prefix(limit).map { ServicePast(service: $0.key, figures: $0.value) }
    let causes = try causes(database, minutes)
    for place in services.indices {
      let counts = causes[services[place].service] ?? [:]
      services[place].causes = counts.map { CauseCount(cause: $0.key, count: $0.value) }
        .sorted { ($1.count, $0.cause) < ($0.count, $1.cause) }
    }
    return services
  }

  /// By service and cause.
  private static func causes(_ database: Database, _ minutes: Range<Int64>) throws -> [String: [String: Int]] {
    let rows = try Row.fetchCursor(
      database,
      sql: "SELECT service, cause, count FROM cause_minute WHERE minute >= ? AND minute < ? AND service <> ''",
      arguments: [minutes.lowerBound, minutes.upperBound]
    )
    var found: [String: [String: Int]] = [:]
    while let row = try rows.next() {
      let count: Int = row[2]
      found[row[0], default: [:]][row[1], default: 0] += count
    }
    return found
  }

  private static let portFigures = "max(held), max(time_wait), max(used), sum(refused), sum(unanswered)"

  private static func destinations(_ database: Database, _ minutes: Range<Int64>, limit: Int) throws -> [PortPast] {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT \(minutes.lowerBound), address, destination, held, time_wait, used, refused, unanswered
        FROM destination_minute WHERE minute >= ? AND minute < ?
        """,
      arguments: [minutes.lowerBound, minutes.upperBound]
    )
    var found: [String: [String: PortPast]] = [:]
    while let row = try rows.next() {
      let past = PortPast(row)
      found[past.address, default: [:]][past.destination, default: past.withoutCounts].merge(past)
    }
    let sorted = found.values.flatMap(\.values).sorted { ($1.used, $0.destination) < ($0.used, $1.destination) }
    return Array(sorted.prefix(limit))
  }

  private static func ports(
    _ database: Database,
    _ minutes: Range<Int64>,
    _ step: Seconds,
    of destination: String
  ) throws -> [PortPast] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT minute / \(step.minutes) * \(step.minutes), address, destination, \(portFigures) FROM destination_minute
        WHERE minute >= ? AND minute < ? AND destination = ? GROUP BY 1, address ORDER BY 1, address LIMIT ?
        """,
      arguments: [minutes.lowerBound, minutes.upperBound, destination, HistoryQuery.mostSamples]
    ).map(PortPast.init)
  }

  private static func causes(_ database: Database, _ minutes: Range<Int64>, of service: String) throws -> [CauseCount] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT cause, sum(count) FROM cause_minute WHERE minute >= ? AND minute < ? AND service = ?
        GROUP BY cause ORDER BY 2 DESC, 1
        """,
      arguments: [minutes.lowerBound, minutes.upperBound, service]
    ).map { CauseCount(cause: $0[0], count: $0[1]) }
  }

  /// Those that were there at some time in it, the latest first.
  private static func alerts(_ database: Database, _ minutes: Range<Int64>, limit: Int) throws -> [AlertStatus] {
    try String.fetchAll(
      database,
      sql: """
        SELECT document FROM alert WHERE since < ? AND (ended IS NULL OR ended >= ?) ORDER BY since DESC, id LIMIT ?
        """,
      arguments: [minutes.upperBound, minutes.lowerBound, limit]
    ).compactMap { Documents.decode(AlertStatus.self, $0) }
  }

  private static func findings(_ database: Database, _ minutes: Range<Int64>, limit: Int) throws -> [FindingPast] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT first, last, document FROM finding WHERE first < ? AND last >= ? ORDER BY last DESC, first DESC, number
        LIMIT ?
        """,
      arguments: [minutes.upperBound, minutes.lowerBound, limit]
    )
    return rows.compactMap { row in
      Documents.decode(Finding.self, row[2]).map {
        FindingPast(first: Timestamp(minute: row[0]), last: Timestamp(minute: row[1]), finding: $0)
      }
    }
  }
}

extension Seconds {
  var minutes: Int64 { max(nanoseconds / 60_000_000_000, 1) }
}

extension FigureSample {
  fileprivate init(_ row: Row, time: Timestamp, from index: Int) {
    self.init(time: time)
    (local, remote, transit) = (row[index], row[index + 1], row[index + 2])
    (client, server, open) = (row[index + 3], row[index + 4], row[index + 5])
    (flow.opened, flow.closed, flow.closedByClient) = (row[index + 6], row[index + 7], row[index + 8])
    (flow.closedByServer, flow.closedSimultaneously) = (row[index + 9], row[index + 10])
  }
}

extension PortPast {
  fileprivate init(_ row: Row) {
    self.init(time: Timestamp(minute: row[0]), address: row[1], destination: row[2])
    (held, timeWait, used, refused, unanswered) = (row[3], row[4], row[5], row[6], row[7])
  }

  fileprivate var withoutCounts: PortPast {
    var past = self
    (past.refused, past.unanswered) = (0, 0)
    return past
  }

  fileprivate mutating func merge(_ other: PortPast) {
    held = max(held, other.held)
    timeWait = max(timeWait, other.timeWait)
    used = max(used, other.used)
    refused += other.refused
    unanswered += other.unanswered
  }
}
