internal import ConnectionTracking

/// Verdicts by the serials of connections. Serials follow each other, and so do the closes of most connections: those of
/// neighbours stand together, and what is looked up, and moved when the table grows, is groups of them.
///
/// Open addressing. (A dictionary would hash with far more rounds, several times for each connection; nobody chooses
/// serials, so that a plain hash will do.)
struct VerdictTable: Sendable {
  private var groups = [Group](repeating: Group(), count: 64)
  /// Groups that there are.
  private var used = 0
  private(set) var count = 0

  private enum Entry: BitwiseCopyable {
    case none
    case awaited
    case decided(CauseVerdict)
  }

  private struct Group: BitwiseCopyable {
    static let size: UInt64 = 16
    /// What no group has.
    static let none = UInt64.max

    /// The serials' upper bits.
    var number = Group.none
    /// By their lower ones.
    var entries = InlineArray<16, Entry>(repeating: .none)

    var isEmpty: Bool {
      for place in entries.indices {
        guard case .none = entries[place] else { return false }
      }
      return true
    }
  }

  /// No connection has it.
  private static let none = UInt64.max

  private var mask: Int { groups.count - 1 }

  /// Where a group stands when nothing is in its way. They follow each other: they have to be spread, or those of two
  /// times would lie in each other's way for long.
  @inline(__always)
  private func home(_ number: UInt64) -> Int {
    Int(truncatingIfNeeded: (number &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
  }

  /// - Returns: the place of a group, or else the empty one where it would stand.
  @inline(__always)
  private func place(_ number: UInt64) -> Int {
    var place = home(number)
    while groups[place].number != Group.none, groups[place].number != number { place = (place + 1) & mask }
    return place
  }

  @inline(__always)
  private static func split(_ serial: UInt64) -> (number: UInt64, entry: Int) {
    (serial / Group.size, Int(truncatingIfNeeded: serial % Group.size))
  }

  /// Asks for the memory of an entry, where nothing is in its way.
  func prefetch(_ serial: UInt64) { groups.prefetchWhole(home(Self.split(serial).number)) }

  private func entry(_ serial: UInt64) -> Entry {
    guard serial != Self.none else { return .none }
    let (number, entry) = Self.split(serial)
    return groups[place(number)].entries[entry]
  }

  /// Nil when it is not decided, or was never asked for.
  subscript(serial: UInt64) -> CauseVerdict? {
    if case .decided(let verdict) = entry(serial) { verdict } else { nil }
  }

  func isAwaited(_ serial: UInt64) -> Bool {
    if case .awaited = entry(serial) { true } else { false }
  }

  /// Puts an entry in place of what there was.
  ///
  /// - Parameter verdict: nil while it is awaited.
  mutating func insert(_ verdict: CauseVerdict?, _ serial: UInt64) {
    guard serial != Self.none else { return }
    let (number, entry) = Self.split(serial)
    var place = place(number)
    if groups[place].number == Group.none {
      place = add(number, at: place)
    }
    if case .none = groups[place].entries[entry] { count += 1 }
    groups[place].entries[entry] = verdict.map { .decided($0) } ?? .awaited
  }

  /// - Returns: where the group stands then.
  @inline(never)
  private mutating func add(_ number: UInt64, at free: Int) -> Int {
    var place = free
    if 2 * (used + 1) > groups.count {
      grow()
      place = self.place(number)
    }
    groups[place].number = number
    used += 1
    return place
  }

  /// Changes an entry, if there is one.
  mutating func decide(_ verdict: CauseVerdict, _ serial: UInt64) {
    guard serial != Self.none else { return }
    let (number, entry) = Self.split(serial)
    let place = place(number)
    if case .none = groups[place].entries[entry] { return }
    groups[place].entries[entry] = .decided(verdict)
  }

  mutating func remove(_ serial: UInt64) {
    guard serial != Self.none else { return }
    let (number, entry) = Self.split(serial)
    let place = place(number)
    if case .none = groups[place].entries[entry] { return }
    groups[place].entries[entry] = .none
    count -= 1
    if groups[place].isEmpty { removeGroup(at: place) }
  }

  private mutating func removeGroup(at freed: Int) {
    var (hole, place) = (freed, freed)
    used -= 1
    // Those behind it move up, unless that would put one before its home.
    while true {
      place = (place + 1) & mask
      guard groups[place].number != Group.none else { break }
      let isReachable = (place - home(groups[place].number)) & mask >= (place - hole) & mask
      guard isReachable else { continue }
      groups[hole] = groups[place]
      hole = place
    }
    groups[hole] = Group()
  }

  private mutating func grow() {
    let old = groups
    groups = [Group](repeating: Group(), count: 2 * old.count)
    for group in old where group.number != Group.none { groups[place(group.number)] = group }
  }
}
