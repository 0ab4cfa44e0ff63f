internal import GRDB
internal import Monitoring
package import PacketDecoding

extension Archive {
  /// Octets of what is kept; without the pages that are free.
  func size() throws -> (used: Int, file: Int) {
    try database.inDatabase { database in
      let page = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 4096
      let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
      let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
      return ((pages - free) * page, pages * page)
    }
  }

  /// The earliest minute of anything.
  func oldest() throws -> Int64? {
    try database.inDatabase(Self.oldest)
  }

  private static func oldest(_ database: Database) throws -> Int64? {
    try Schema.tables.compactMap { try Int64.fetchOne(database, sql: "SELECT min(\($0.minute)) FROM \($0.name)") }.min()
  }

  /// At most so much is removed at once: it takes no long time, and a clock that is wrong for a while takes little with
  /// it.
  private static let minutesAtOnce: Int64 = 180
  private static let pagesAtOnce = 1024

  /// Removes what is too old, and the oldest of what is too much.
  func keepWithin(_ limits: HistoryLimits, now: Timestamp) throws {
    var removed = 0
    let tooOld = now.minute - limits.age.nanoseconds / 60_000_000_000
    if let oldest = try oldest(), oldest < tooOld {
      removed += try remove(before: min(tooOld, oldest + Self.minutesAtOnce))
    }
    var rounds = 0
    while try size().used > limits.size, let oldest = try oldest(), rounds < 8 {
      let newest = max(oldest, now.minute)
      // A share of all there is: where minutes are few they are large.
      removed += try remove(before: oldest + max((newest - oldest) / 50, 1))
      rounds += 1
    }
    if try removed > 0 || size().file > limits.size { try shrink() }
  }

  private func remove(before minute: Int64) throws -> Int {
    try database.inDatabase { database in
      let before = database.totalChangesCount
      try database.inTransaction(.immediate) {
        for table in Schema.tables {
          try database.execute(sql: "DELETE FROM \(table.name) WHERE \(table.minute) < ?", arguments: [minute])
        }
        return .commit
      }
      return database.totalChangesCount - before
    }
  }

  /// Gives free pages back to the disk.
  private func shrink() throws {
    try database.inDatabase { database in
      _ = try Row.fetchAll(database, sql: "PRAGMA incremental_vacuum(\(Self.pagesAtOnce))")
    }
  }
}

/// How much of the past is kept.
package struct HistoryLimits: Sendable, Equatable {
  package var age: Seconds
  /// In octets.
  package var size: Int

  package init(age: Seconds, size: Int) {
    self.age = age
    self.size = size
  }

  /// A day of a usual host.
  package static let inMemory = HistoryLimits(age: Seconds(86_400), size: 8 << 20)
}
