import Foundation
import GRDB
import Glibc
import Monitoring
import PacketDecoding
import Testing

@testable import History

@Suite("Files that are not as they should be")
struct DamageTests {
  /// Version 1 as it was: this text is never changed.
  private static let versionOne = """
    PRAGMA application_id = 1952673907; PRAGMA user_version = 1;
    CREATE TABLE host_minute (minute INTEGER PRIMARY KEY, seconds INTEGER NOT NULL, local INTEGER NOT NULL,
      remote INTEGER NOT NULL, transit INTEGER NOT NULL, client INTEGER NOT NULL, server INTEGER NOT NULL,
      open INTEGER NOT NULL, opened INTEGER NOT NULL, closed INTEGER NOT NULL, closed_by_client INTEGER NOT NULL,
      closed_by_server INTEGER NOT NULL, closed_simultaneously INTEGER NOT NULL);
    CREATE TABLE service_minute (minute INTEGER NOT NULL, service TEXT NOT NULL, local INTEGER NOT NULL,
      remote INTEGER NOT NULL, transit INTEGER NOT NULL, client INTEGER NOT NULL, server INTEGER NOT NULL,
      open INTEGER NOT NULL, opened INTEGER NOT NULL, closed INTEGER NOT NULL, closed_by_client INTEGER NOT NULL,
      closed_by_server INTEGER NOT NULL, closed_simultaneously INTEGER NOT NULL,
      PRIMARY KEY (minute, service)) WITHOUT ROWID;
    CREATE TABLE cause_minute (minute INTEGER NOT NULL, service TEXT NOT NULL, cause TEXT NOT NULL,
      count INTEGER NOT NULL, PRIMARY KEY (minute, service, cause)) WITHOUT ROWID;
    CREATE TABLE alert (id TEXT PRIMARY KEY, since INTEGER NOT NULL, ended INTEGER, document TEXT NOT NULL);
    CREATE INDEX alert_since ON alert (since);
    """

  @Test("A file of version 1 is led to this one, with all it has")
  func migration() async throws {
    let scratch = try Scratch()
    let old = try DatabaseQueue(path: scratch.file)
    try await old.writeWithoutTransaction { database in
      try database.execute(sql: Self.versionOne)
      let row = "(\(start), 60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)"
      try database.execute(sql: "INSERT INTO host_minute VALUES \(row)")
      try database.execute(sql: "INSERT INTO cause_minute VALUES (\(start), '', 'no_pool', 12)")
    }
    try old.close()
    let lines = Lines()
    let history = recorder(scratch.file, plenty, lines)
    history.run(1..<3)
    let samples = await history.samples(.of(.host, time(0), time(9)))
    #expect(samples.map(\.server) == [5, 2, 2])
    #expect(samples.first?.flow.closedSimultaneously == 11)
    #expect(lines.all.isEmpty)
    history.finish(snapshot(at: time(3)), within: 10)
    let version = try await DatabaseQueue(path: scratch.file).read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
    #expect(version == Schema.version)
  }

  @Test("A file of a newer version stays as it is, and that is said once")
  func newer() async throws {
    let scratch = try Scratch()
    let new = try DatabaseQueue(path: scratch.file)
    try await new.writeWithoutTransaction { try $0.execute(sql: "CREATE TABLE future (a); PRAGMA user_version = 99") }
    try new.close()
    let before = try Data(contentsOf: URL(fileURLWithPath: scratch.file))
    let lines = Lines()
    let history = recorder(scratch.file, plenty, lines)
    history.run(0..<4)
    let answer = await history.answer(.of(.host, time(0), time(9)), clock: time(9))
    #expect(answer?.problem?.contains("newer version (schema 99") == true)
    #expect(lines.all.count == 1 && lines.all.first?.contains("newer version") == true)
    #expect(history.status.state == .failing)
    // What is in memory is told all the same.
    #expect(await history.samples(.of(.host, time(0), time(9))).count == 4)
    history.finish(snapshot(at: time(4)), within: 10)
    #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.file)) == before)
  }

  @Test("A database of another program stays as it is")
  func foreign() throws {
    let scratch = try Scratch()
    let other = try DatabaseQueue(path: scratch.file)
    try other.write { try $0.execute(sql: "CREATE TABLE theirs (a)") }
    try other.close()
    let lines = Lines()
    let history = recorder(scratch.file, plenty, lines)
    history.run(0..<3)
    #expect(lines.all.count == 1 && lines.all.first?.contains("another program") == true)
    let tables = try DatabaseQueue(path: scratch.file).read {
      try String.fetchAll($0, sql: "SELECT name FROM sqlite_master")
    }
    #expect(tables == ["theirs"])
  }

  @Test("What is no database, or was one, is moved aside", arguments: [0, 3, 9])
  func damaged(_ page: Int) async throws {
    let scratch = try Scratch()
    var history = recorder(scratch.file)
    history.run(0..<400)
    history.finish(snapshot(at: time(400)), within: 10)
    let handle = try #require(FileHandle(forUpdatingAtPath: scratch.file))
    try handle.seek(toOffset: UInt64(page * 4096))
    try handle.write(contentsOf: Data(repeating: 0xA5, count: 4096))
    try handle.close()
    let lines = Lines()
    history = recorder(scratch.file, plenty, lines)
    history.run(500..<503)
    #expect(lines.all.count == 1 && lines.all.first?.contains("damaged") == true, "\(lines.all)")
    #expect(FileManager.default.fileExists(atPath: scratch.file + ".damaged"))
    #expect(await history.samples(.of(.host, time(0), time(600))).count == 3)
    #expect(history.status.state == .ok)
  }

  @Test("Without its directory the daemon goes on, says so once, and writes what waited when it is there")
  func missingDirectory() async throws {
    let scratch = try Scratch()
    let lines = Lines()
    let history = recorder(scratch.path + "/later/history.sqlite", plenty, lines)
    history.run(0..<5)
    #expect(lines.all.count == 1 && lines.all.first?.contains("No such file") == true, "\(lines.all)")
    #expect(history.status.state == .failing && history.status.waiting == 4 && history.status.errors > 1)
    try FileManager.default.createDirectory(atPath: scratch.path + "/later", withIntermediateDirectories: false)
    history.run(5..<6)
    #expect(lines.all.count == 2 && lines.all.last?.contains("writes") == true, "\(lines.all)")
    #expect(history.status.state == .ok && history.status.waiting == 0)
    #expect(await history.samples(.of(.host, time(0), time(9))).count == 6)
  }

  @Test("A file that is taken away under it is made anew")
  func taken() async throws {
    let scratch = try Scratch()
    let history = recorder(scratch.file)
    history.run(0..<3)
    for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: scratch.file + ending) }
    history.run(3..<6)
    #expect(FileManager.default.fileExists(atPath: scratch.file))
    history.finish(snapshot(at: time(6)), within: 10)
    #expect(await recorder(scratch.file).samples(.of(.host, time(3), time(9))).isEmpty == false)
  }

  @Test("For its owner alone")
  func mode() throws {
    let scratch = try Scratch()
    #expect(FileManager.default.createFile(atPath: scratch.file, contents: nil, attributes: [.posixPermissions: 0o644]))
    let history = recorder(scratch.file)
    history.run(0..<3)
    for ending in ["", "-wal", "-shm"] {
      let found = try FileManager.default.attributesOfItem(atPath: scratch.file + ending)[.posixPermissions] as? Int
      #expect(found == 0o600, "\(ending)")
    }
  }

  @Test("A link is not followed")
  func link() throws {
    let scratch = try Scratch()
    try FileManager.default.createSymbolicLink(atPath: scratch.file, withDestinationPath: scratch.path + "/elsewhere")
    let lines = Lines()
    recorder(scratch.file, plenty, lines).run(0..<2)
    #expect(lines.all.count == 1)
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/elsewhere"))
  }
}
