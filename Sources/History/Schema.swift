internal import GRDB

/// What is in the file. Each step leads from one version to the next; a version that was released is never changed.
///
/// Minutes are counted from 1970 on. The figures of a minute are the highest that stood, and the sum of what came and
/// went.
enum Schema {
  /// Says in the file's head whose it is ("tcps").
  static let application: Int32 = 0x7463_7073

  static var version: Int { steps.count }

  static let steps = [
    """
    CREATE TABLE host_minute (
      minute INTEGER PRIMARY KEY, seconds INTEGER NOT NULL, \(figures)
    );
    CREATE TABLE service_minute (
      minute INTEGER NOT NULL, service TEXT NOT NULL, \(figures),
      PRIMARY KEY (minute, service)
    ) WITHOUT ROWID;
    CREATE TABLE cause_minute (
      minute INTEGER NOT NULL, service TEXT NOT NULL, cause TEXT NOT NULL, count INTEGER NOT NULL,
      PRIMARY KEY (minute, service, cause)
    ) WITHOUT ROWID;
    CREATE TABLE alert (id TEXT PRIMARY KEY, since INTEGER NOT NULL, ended INTEGER, document TEXT NOT NULL);
    CREATE INDEX alert_since ON alert (since);
    """,
    """
    CREATE TABLE destination_minute (
      minute INTEGER NOT NULL, address TEXT NOT NULL, destination TEXT NOT NULL, held INTEGER NOT NULL,
      time_wait INTEGER NOT NULL, used INTEGER NOT NULL, refused INTEGER NOT NULL, unanswered INTEGER NOT NULL,
      PRIMARY KEY (minute, address, destination)
    ) WITHOUT ROWID;
    CREATE TABLE finding (
      number INTEGER PRIMARY KEY, id TEXT NOT NULL, service TEXT NOT NULL, first INTEGER NOT NULL,
      last INTEGER NOT NULL, document TEXT NOT NULL
    );
    CREATE INDEX finding_last ON finding (last);
    """,
  ]

  /// The tables, and what of each says when its rows were.
  static let tables: [(name: String, minute: String)] = [
    ("host_minute", "minute"), ("service_minute", "minute"), ("cause_minute", "minute"),
    ("destination_minute", "minute"), ("alert", "since"), ("finding", "last"),
  ]

  private static let figures = columns.map { "\($0.name) INTEGER NOT NULL" }.joined(separator: ", ")

  /// Of host and service: the highest, or the sum.
  static let columns: [(name: String, isPeak: Bool)] = [
    ("local", true), ("remote", true), ("transit", true), ("client", true), ("server", true),
    ("open", true), ("opened", false), ("closed", false), ("closed_by_client", false), ("closed_by_server", false),
    ("closed_simultaneously", false),
  ]

  /// Leads the file to this version; one that is newer stays as it is.
  static func migrate(_ database: Database) throws {
    let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    guard found <= version else { throw HistoryFault.newer(found) }
    let owner = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    let isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
    guard owner == application || isEmpty else { throw HistoryFault.foreign }
    guard found < version else { return }
    try database.inTransaction(.immediate) {
      for step in steps.dropFirst(found) { try database.execute(sql: step) }
      try database.execute(sql: "PRAGMA application_id = \(application); PRAGMA user_version = \(version)")
      return .commit
    }
  }
}

/// Why a file is not used, as the end of a sentence.
enum HistoryFault: Error, CustomStringConvertible {
  case newer(Int)
  case foreign
  case file(String)

  var description: String {
    switch self {
    case .newer(let version):
      "it was written by a newer version (schema \(version), this one knows \(Schema.version)), and stays as it is"
    case .foreign: "it is a database of another program"
    case .file(let reason): reason
    }
  }
}
