internal import Alerting
internal import CloseDiagnosis
internal import Foundation
internal import GRDB
internal import Monitoring
internal import PacketDecoding

extension Archive {
  /// All of it, or nothing.
  ///
  /// - Returns: how many rows were written.
  func write(_ minutes: [MinuteRows], _ alerts: [AlertStatus]) throws -> Int {
    try database.inDatabase { database in
      var added = 0
      try database.inTransaction(.immediate) {
        let before = database.totalChangesCount
        for minute in minutes { try Self.write(minute, database) }
        for alert in alerts { try Self.write(alert, database) }
        added = database.totalChangesCount - before
        return .commit
      }
      return added
    }
  }

  private static func write(_ rows: MinuteRows, _ database: Database) throws {
    let host = try database.cachedStatement(sql: hostInsertion)
    try host.execute(arguments: [rows.minute, rows.seconds] + values(rows.host))
    let service = try database.cachedStatement(sql: serviceInsertion)
    for row in rows.services { try service.execute(arguments: [rows.minute, row.service] + values(row.figures)) }
    let cause = try database.cachedStatement(sql: causeInsertion)
    for (service, row) in rows.causes {
      try cause.execute(arguments: [rows.minute, service, row.cause, row.count])
    }
    let destination = try database.cachedStatement(sql: destinationInsertion)
    for row in rows.destinations {
      try destination.execute(
        arguments: [
          rows.minute, row.address, row.destination, row.held, row.timeWait, row.used, row.refused, row.unanswered,
        ]
      )
    }
    for finding in rows.findings { try write(finding, at: rows.minute, database) }
  }

  private static func values(_ sample: FigureSample) -> StatementArguments {
    [
      sample.local, sample.remote, sample.transit, sample.client, sample.server, sample.open, sample.flow.opened,
      sample.flow.closed, sample.flow.closedByClient, sample.flow.closedByServer, sample.flow.closedSimultaneously,
    ]
  }

  // A minute comes twice when the clock goes back, and when the daemon starts anew within it.

  private static let hostInsertion = insertion("host_minute", ["minute", "seconds"], key: "minute", sums: ["seconds"])
  private static let serviceInsertion = insertion("service_minute", ["minute", "service"], key: "minute, service")

  private static func insertion(_ table: String, _ first: [String], key: String, sums: [String] = []) -> String {
    let names = first + Schema.columns.map(\.name)
    let marks = names.map { _ in "?" }.joined(separator: ", ")
    let merged =
      sums.map { "\($0) = \($0) + excluded.\($0)" }
      + Schema.columns.map { column in
        column.isPeak
          ? "\(column.name) = max(\(column.name), excluded.\(column.name))"
          : "\(column.name) = \(column.name) + excluded.\(column.name)"
      }
    return "INSERT INTO \(table) (\(names.joined(separator: ", "))) VALUES (\(marks)) "
      + "ON CONFLICT (\(key)) DO UPDATE SET \(merged.joined(separator: ", "))"
  }

  private static let causeInsertion = """
    INSERT INTO cause_minute (minute, service, cause, count) VALUES (?, ?, ?, ?)
    ON CONFLICT (minute, service, cause) DO UPDATE SET count = count + excluded.count
    """

  private static let destinationInsertion = """
    INSERT INTO destination_minute (minute, address, destination, held, time_wait, used, refused, unanswered)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (minute, address, destination) DO UPDATE SET held = max(held, excluded.held),
      time_wait = max(time_wait, excluded.time_wait), used = max(used, excluded.used),
      refused = refused + excluded.refused, unanswered = unanswered + excluded.unanswered
    """

  private static func write(_ alert: AlertStatus, _ database: Database) throws {
    let document = String(decoding: try Documents.encoder.encode(alert), as: UTF8.self)
    try database.execute(
      sql: """
        INSERT INTO alert (id, since, ended, document) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET ended = excluded.ended, document = excluded.document
        """,
      arguments: [alert.id, alert.since.minute, alert.resolvedAt?.minute, document]
    )
  }

  /// Minutes without it after which a finding is another one.
  private static let findingGap: Int64 = 5

  private static func write(_ finding: Finding, at minute: Int64, _ database: Database) throws {
    let document = String(decoding: try Documents.encoder.encode(finding), as: UTF8.self)
    let service = finding.service?.description ?? ""
    try database.execute(
      sql: """
        UPDATE finding SET last = max(last, :minute), first = min(first, :minute), document = :document
        WHERE number = (
          SELECT number FROM finding WHERE last >= :minute - :gap AND id = :id AND service = :service
            AND first <= :minute + :gap ORDER BY last DESC LIMIT 1)
        """,
      arguments: [
        "minute": minute, "gap": findingGap, "document": document, "id": finding.id.rawValue, "service": service,
      ]
    )
    guard database.changesCount == 0 else { return }
    try database.execute(
      sql: "INSERT INTO finding (id, service, first, last, document) VALUES (?, ?, ?, ?, ?)",
      arguments: [finding.id.rawValue, service, minute, minute, document]
    )
  }
}

/// Alerts and findings as they are written down: JSON.
enum Documents {
  static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf",
      negativeInfinity: "-inf",
      nan: "nan"
    )
    return encoder
  }

  static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf",
      negativeInfinity: "-inf",
      nan: "nan"
    )
    return decoder
  }

  static func decode<Value: Decodable>(_ type: Value.Type, _ text: String) -> Value? {
    try? decoder.decode(type, from: Data(text.utf8))
  }
}
