internal import ConnectionTracking

/// Ends of one service in the table, by side, role and state: one that moves is one off a cell and one on another,
/// whatever it is. Those that closed have cells, too, which nobody asks for.
struct EndCells: Sendable {
  /// Room for eight sides, two roles, and 16 states: a place that is masked is in bounds.
  private var cells = InlineArray<256, Int32>(repeating: 0)

  private static func place(_ side: LocalSide, _ role: Role, _ phase: Phase) -> Int {
    Int(side.rawValue) << 5 | Int(role.rawValue) << 4 | Int(phase.rawValue)
  }

  @inline(__always)
  mutating func move(_ from: Standing, _ to: Standing) {
    post(from, -1)
    post(to, 1)
  }

  @inline(__always)
  mutating func post(_ standing: Standing, _ amount: Int32) {
    // The same places, from a standing's octets.
    let side = Int(truncatingIfNeeded: standing.word >> 27) & 0xE0
    cells[side | Int(truncatingIfNeeded: standing.word) & 0xF] &+= amount
    cells[side | 0x10 | Int(truncatingIfNeeded: standing.word >> 8) & 0xF] &+= amount
  }

  /// One end, of which both states are constants.
  @inline(__always)
  mutating func move(_ role: Role, _ from: Phase, _ to: Phase, _ side: LocalSide) {
    let ends = Int(side.rawValue & 7) << 5 | Int(role.rawValue & 1) << 4
    cells[ends | Int(from.rawValue & 0xF)] &-= 1
    cells[ends | Int(to.rawValue & 0xF)] &+= 1
  }

  mutating func add(_ other: EndCells) {
    for place in cells.indices { cells[place] &+= other.cells[place] }
  }

  /// On all sides, with either role.
  func count(_ phase: Phase) -> Int {
    var count = 0
    forEach { side, role in count += Int(cells[Self.place(side, role, phase)]) }
    return count
  }

  var isEmpty: Bool { Phase.allCases.allSatisfy { $0 == .closed || count($0) == 0 } }

  /// Adds them to those of an account that is to be read.
  func add(to account: inout ServiceAccount) {
    forEach { side, role in
      for phase in Phase.allCases where phase != .closed {
        let count = Int(cells[Self.place(side, role, phase)])
        switch role {
        case .client: account.client[phase] += count
        case .server: account.server[phase] += count
        }
        switch side.locality(of: role) {
        case .local: account.local[phase] += count
        case .remote: account.remote[phase] += count
        case .transit: account.transit[phase] += count
        case nil: break
        }
      }
    }
  }

  private func forEach(_ body: (LocalSide, Role) -> Void) {
    for side in LocalSide.allCases {
      for role in Role.allCases { body(side, role) }
    }
  }
}
