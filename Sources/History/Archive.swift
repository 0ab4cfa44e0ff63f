internal import Foundation
internal import GRDB
internal import Glibc

/// The database: one file for its owner alone, or a place in memory.
struct Archive {
  let path: String?
  let database: DatabaseQueue
  /// Whether what was there is damaged and has been moved to this place.
  private(set) var movedAside: String?

  /// Opens the file, or makes it; one that is damaged is moved aside, and a new one is begun.
  ///
  /// - Parameter isChecked: every page is looked at.
  init(path: String, isChecked: Bool) throws {
    self.path = path
    do {
      database = try Self.open(path, isChecked: isChecked)
    } catch let error as DatabaseError where error.isDamage {
      movedAside = try Self.moveAside(path)
      database = try Self.open(path, isChecked: false)
    }
  }

  /// In memory.
  init() throws {
    path = nil
    database = try DatabaseQueue(configuration: Self.configuration(isFile: false))
    try database.inDatabase(Schema.migrate)
  }

  /// Somebody else's file: it is read, and nothing else.
  init(reading path: String) throws {
    self.path = path
    guard unsafe access(path, R_OK) == 0 else { throw Self.systemFault() }
    var configuration = Self.configuration(isFile: false)
    configuration.readonly = true
    database = try DatabaseQueue(path: path, configuration: configuration)
    let found = try database.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } ?? 0
    guard found <= Schema.version else { throw HistoryFault.newer(found) }
    guard found == Schema.version else {
      throw HistoryFault.file("it has an older schema (\(found)), which the daemon mends when it starts")
    }
  }

  private static func open(_ path: String, isChecked: Bool) throws -> DatabaseQueue {
    try makePrivate(path)
    let database = try DatabaseQueue(path: path, configuration: configuration(isFile: true))
    try database.inDatabase { database in
      try Schema.migrate(database)
      guard isChecked else { return }
      let found = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
      guard found == "ok" else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: found) }
    }
    return database
  }

  private static func configuration(isFile: Bool) -> Configuration {
    var configuration = Configuration()
    configuration.label = "tcpstated.history"
    configuration.busyMode = .timeout(1)
    if isFile { configuration.journalMode = .wal }
    configuration.prepareDatabase { database in
      // Before there is anything in it: without it a file never becomes smaller.
      if isFile { try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL") }
      // What was committed outlives the process; a power cut may take the last minutes, never the file.
      try database.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -1024; PRAGMA temp_store = MEMORY")
      if isFile { try database.execute(sql: "PRAGMA journal_size_limit = 4194304; PRAGMA cell_size_check = ON") }
    }
    return configuration
  }

  /// The journals that SQLite puts beside it have the mode of the file.
  private static func makePrivate(_ path: String) throws {
    let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Self.systemFault() }
    defer { Glibc.close(descriptor) }
    guard fchmod(descriptor, 0o600) == 0 else { throw Self.systemFault() }
  }

  /// One damaged file is kept: a disk that damages files is not to be filled with them.
  static func moveAside(_ path: String) throws -> String {
    let aside = path + ".damaged"
    guard unsafe rename(path, aside) == 0 else { throw Self.systemFault() }
    for journal in ["-wal", "-shm"] { _ = unsafe unlink(path + journal) }
    return aside
  }

  func close() { try? database.close() }

  private static func systemFault() -> HistoryFault { .file(unsafe String(cString: strerror(errno))) }
}

extension DatabaseError {
  /// The file is not what it was.
  var isDamage: Bool { resultCode == .SQLITE_CORRUPT || resultCode == .SQLITE_NOTADB }
}
