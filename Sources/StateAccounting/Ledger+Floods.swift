package import ConnectionTracking
internal import PacketDecoding

/// SYNs of a flood, of which some are told at once.
extension Ledger {
  /// The same as `request` for each of the first ones in place of another, one after the other, all of them on one side.
  package mutating func request(_ run: inout MutableSpan<FloodRequest>, _ count: Int, _ side: LocalSide) {
    var number = 0
    while number < count {
      let account = replace(run[number].account, side, by: run[number].ends, side)
      run[number].account = account
      number += 1
      if account.peer == 0, !side.hasLocal, !peerPlaces.hasRoom(isProven: false) {
        number = requestAlike(&run, from: number, count, account, run[number - 1].ends, side)
      }
    }
  }

  /// Those that follow one whose client has no account, for as long as they and those that go are like it: all but the
  /// clients' ports is counted at once.
  ///
  /// - Returns: the number of the first that is not.
  @inline(__always)
  private mutating func requestAlike(
    _ run: inout MutableSpan<FloodRequest>,
    from first: Int,
    _ count: Int,
    _ account: AccountKey,
    _ ends: RequestEnds,
    _ side: LocalSide
  ) -> Int {
    var number = first
    var ports = peers[0].portNotes
    while number < count, run[number].account == account, run[number].ends.haveServer(of: ends),
      !peerNumbers.mayHold(hash(ofPeer: run[number].ends.client.address, account.service))
    {
      ports.note(run[number].ends.client.port)
      number += 1
    }
    peers[0].portNotes = ports
    services[Int(account.service)].openUnanswered(inPlaceOf: .unanswered(side), count: number - first)
    peers[0].countOpenings(number - first)
    return number
  }
}
