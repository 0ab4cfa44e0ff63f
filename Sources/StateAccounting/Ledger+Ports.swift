internal import ConnectionTracking
package import PacketDecoding

/// The ports that clients on this host take up towards each destination.
extension Ledger {
  private static let listedPortUses = 100
  /// Fewer ports are no use worth following.
  private static let leastPorts = 16

  /// One sample a second of the ports that local clients hold.
  package mutating func samplePorts(at now: Instant) {
    guard knowsLocalPorts else { return }
    for number in numbers(where: { $0.localHeld + $0.localTimeWait >= Self.leastPorts }) {
      portHistories[number, default: PortHistory()].add(
        held: peers[Int(number)].localHeld,
        timeWait: peers[Int(number)].localTimeWait,
        closes: peers[Int(number)].localCloses,
        at: now
      )
    }
    for number in portHistories.keys
    where peers[Int(number)].localHeld + peers[Int(number)].localTimeWait < Self.leastPorts {
      portHistories.removeValue(forKey: number)
    }
  }

  var portUses: [PortUse] {
    guard knowsLocalPorts else { return [] }
    let used = numbers { $0.localHeld + $0.localTimeWait > 0 || $0.refused + $0.unanswered > 0 }
    return used.map { peers[Int($0)].portUse(portHistories[$0]?.rates) }
      .ranked(limit: Self.listedPortUses) { Rank($0.used, $0.refused) }
  }

  /// Of those accounts, but for the one that all share which came too late for one.
  private func numbers(where isWanted: (borrowing PeerAccount) -> Bool) -> [UInt32] {
    (1..<max(peers.count, 1)).filter { isWanted(peers[$0]) }.map(UInt32.init)
  }
}

extension PeerAccount {
  fileprivate func portUse(_ rates: (held: Double, timeWait: Double, closes: Double)?) -> PortUse {
    var use = PortUse(address: address, destination: service)
    use.held = localHeld
    use.timeWait = localTimeWait
    use.refused = refused
    use.unanswered = unanswered
    use.heldGrowth = rates?.held
    use.timeWaitGrowth = rates?.timeWait
    use.closesPerSecond = rates?.closes
    return use
  }
}
