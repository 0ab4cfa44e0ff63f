internal import Foundation
internal import GRDB
internal import Glibc

/// The database: one file for its owner alone, or a place in memory.
struct Archive {
  let path: String?
  let database: DatabaseQueue
  /// Which file it is, whatever its name.
  private var identity: FileIdentity?
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
    identity = FileIdentity(path)
  }

  /// Whether the file still has its name: who took it away, or mounted something over it, wants another one.
  var isInPlace: Bool { path.map { FileIdentity($0) == identity } ?? true }

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
    try FileHead(path)?.check()
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

/// Device and number.
private struct FileIdentity: Equatable {
  private let device: UInt64
  private let number: UInt64

  init?(_ path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    (device, number) = (UInt64(status.st_dev), UInt64(status.st_ino))
  }
}

/// The head of a database, before anything touches it (sqlite.org/fileformat2.html, 1.3).
private struct FileHead {
  private var bytes = [UInt8](repeating: 0, count: 100)

  private static let magic = Array("SQLite format 3\0".utf8)
  private static let writeVersionOffset = 18
  private static let userVersionOffset = 60
  private static let applicationOffset = 68

  /// Nil for what is no database, or none yet.
  init?(_ path: String) {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { Glibc.close(descriptor) }
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
    guard count == bytes.count, bytes.starts(with: Self.magic) else { return nil }
  }

  func check() throws(HistoryFault) {
    let version = number(at: Self.userVersionOffset)
    guard version <= UInt32(Schema.version) else { throw .newer(Int(version)) }
    // Ours is made with a write-ahead log before there is anything in it.
    let hasLog = bytes[Self.writeVersionOffset] == 2
    guard hasLog || number(at: Self.applicationOffset) == UInt32(bitPattern: Schema.application) else { throw .foreign }
  }

  private func number(at offset: Int) -> UInt32 {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }
}

extension DatabaseError {
  /// The file is not what it was.
  var isDamage: Bool { resultCode == .SQLITE_CORRUPT || resultCode == .SQLITE_NOTADB }
}
