/// The records with the highest serials, at most a limit of them: a page is one pass over the table.
struct NewestRecords {
  private let limit: Int
  private var records: [ConnectionRecord] = []
  /// Serials at or below it are not among the newest.
  private var floor: UInt64 = 0

  init(limit: Int) {
    self.limit = max(limit, 1)
  }

  func wants(_ serial: UInt64) -> Bool { serial > floor }

  mutating func add(_ record: ConnectionRecord) {
    records.append(record)
    if records.count >= 2 * limit { trim() }
  }

  private mutating func trim() {
    records.sort { $0.serial > $1.serial }
    if records.count > limit {
      records.removeLast(records.count - limit)
      floor = records.last?.serial ?? floor
    }
  }

  /// The page, with a cursor when one more was found than it may hold.
  consuming func page(at time: Timestamp, limit: Int) -> ConnectionPage {
    trim()
    let shown = Array(records.prefix(limit))
    let next = records.count > limit ? shown.last?.serial : nil
    return ConnectionPage(time: time, records: shown, next: next)
  }
}
