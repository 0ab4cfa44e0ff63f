internal import PacketDecoding

/// Frames that gave no segment, by reason: a flat table, for a flood of damaged frames is input as well.
struct UndecodedCounts {
  private var cells = [Int](repeating: 0, count: DecodeError.counterCount)

  subscript(error: DecodeError) -> Int {
    get { cells[error.counterIndex] }
    set { cells[error.counterIndex] = newValue }
  }

  mutating func add(_ other: UndecodedCounts) {
    for index in cells.indices { cells[index] += other.cells[index] }
  }

  var byReason: [String: Int] {
    var counts: [String: Int] = [:]
    for (index, count) in cells.enumerated() where count > 0 {
      counts[DecodeError.reason(ofCounter: index)] = count
    }
    return counts
  }
}
