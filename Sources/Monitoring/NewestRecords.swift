/// The records with the highest serials, at most a limit of them: a heap of places, the lowest serial on top, so that a
/// record is written once and never moved.
struct NewestRecords: Sendable {
  private let limit: Int
  private var records: [ConnectionRecord] = []
  private var heap: [Place] = []
  private var held: Set<UInt64> = []

  private struct Place: Sendable {
    var serial: UInt64
    var position: Int
  }

  init(limit: Int) {
    self.limit = max(limit, 1)
  }

  func wants(_ serial: UInt64) -> Bool {
    guard let lowest = heap.first, heap.count >= limit else { return !held.contains(serial) }
    return serial > lowest.serial && !held.contains(serial)
  }

  /// Takes a record that is wanted.
  mutating func add(_ record: ConnectionRecord) {
    held.insert(record.serial)
    if heap.count < limit {
      heap.append(Place(serial: record.serial, position: records.count))
      records.append(record)
      rise(from: heap.count - 1)
    } else {
      held.remove(heap[0].serial)
      records[heap[0].position] = record
      heap[0].serial = record.serial
      sink()
    }
  }

  /// Highest serial first.
  var sorted: [ConnectionRecord] {
    heap.sorted { $0.serial > $1.serial }.map { records[$0.position] }
  }

  private mutating func rise(from start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].serial < heap[parent].serial else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var lowest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].serial < heap[lowest].serial
      {
        lowest = child
      }
      guard lowest != parent else { return }
      heap.swapAt(parent, lowest)
      parent = lowest
    }
  }
}
