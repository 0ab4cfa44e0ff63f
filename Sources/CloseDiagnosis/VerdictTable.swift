/// Verdicts by the serials of connections: open addressing. (A dictionary would hash with far more rounds, several
/// times for each connection; nobody chooses serials, so that a plain hash will do.)
struct VerdictTable: Sendable {
  private var entries = [Entry](repeating: Entry(), count: 64)
  private(set) var count = 0

  private struct Entry: BitwiseCopyable {
    var serial = VerdictTable.none
    /// Nil while it is awaited.
    var verdict: CauseVerdict?
  }

  /// In an empty place: no connection has it.
  private static let none = UInt64.max

  private var mask: Int { entries.count - 1 }

  /// Where an entry stands when nothing is in its way. Serials follow each other: they have to be spread, or those of
  /// two times would lie in each other's way for long.
  @inline(__always)
  private func home(_ serial: UInt64) -> Int {
    Int(truncatingIfNeeded: (serial &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
  }

  /// - Returns: the place of an entry, or else the empty one where it would stand.
  @inline(__always)
  private func place(_ serial: UInt64) -> Int {
    var place = home(serial)
    while entries[place].serial != Self.none, entries[place].serial != serial { place = (place + 1) & mask }
    return place
  }

  /// Nil when it is not decided, or was never asked for.
  subscript(serial: UInt64) -> CauseVerdict? { entries[place(serial)].verdict }

  func isAwaited(_ serial: UInt64) -> Bool {
    let entry = entries[place(serial)]
    return serial != Self.none && entry.serial == serial && entry.verdict == nil
  }

  /// Puts an entry in place of what there was.
  mutating func insert(_ verdict: CauseVerdict?, _ serial: UInt64) {
    guard serial != Self.none else { return }
    if 2 * (count + 1) > entries.count { grow() }
    let place = place(serial)
    if entries[place].serial == Self.none { count += 1 }
    entries[place] = Entry(serial: serial, verdict: verdict)
  }

  /// Changes an entry, if there is one.
  mutating func decide(_ verdict: CauseVerdict, _ serial: UInt64) {
    let place = place(serial)
    if serial != Self.none, entries[place].serial == serial { entries[place].verdict = verdict }
  }

  mutating func remove(_ serial: UInt64) {
    var hole = place(serial)
    guard serial != Self.none, entries[hole].serial == serial else { return }
    count -= 1
    var place = hole
    // Those behind it move up, unless that would put one before its home.
    while true {
      place = (place + 1) & mask
      guard entries[place].serial != Self.none else { break }
      let isReachable = (place - home(entries[place].serial)) & mask >= (place - hole) & mask
      guard isReachable else { continue }
      entries[hole] = entries[place]
      hole = place
    }
    entries[hole] = Entry()
  }

  private mutating func grow() {
    let old = entries
    entries = [Entry](repeating: Entry(), count: 2 * old.count)
    for entry in old where entry.serial != Self.none { entries[place(entry.serial)] = entry }
  }
}
