package import ConnectionTracking
internal import PacketDecoding

/// SYNs of a flood, of which some are told at once: nobody asks for the verdicts of those that go.
extension Diagnosis {
  /// Counts those in whose place others come.
  package mutating func countUnheard(_ run: inout MutableSpan<FloodRequest>, _ count: Int) {
    for number in 0..<count { countUnheard(run[number].account.service) }
  }

  /// Notes those that come.
  package mutating func open(_ run: inout MutableSpan<FloodRequest>, _ count: Int) {
    for number in 0..<count {
      // Of those of one account, one after the other, the last tells when something was opened.
      if number + 1 < count, run[number].account == run[number + 1].account, !awaitsOpening(run[number].account) {
        continue
      }
      let (account, now) = (run[number].account, run[number].now)
      if !noteOpening(account, at: now) { openFirst(account, run[number].ends.server, at: now) }
    }
  }
}
