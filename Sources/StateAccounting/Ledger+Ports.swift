internal import ConnectionTracking
package import PacketDecoding

/// The ports that clients on this host take up towards each destination.
extension Ledger {
  private static let listedPortUses = 100
  /// Fewer ports are no use worth following.
  private static let leastPorts = 16

  /// One sample a second of the ports that local clients hold.
  package mutating func samplePorts(at now: Instant) {
    for number in peers.indices.dropFirst() {
      guard peers[number].localHeld + peers[number].localTimeWait >= Self.leastPorts else {
        if !portHistories.isEmpty { portHistories.removeValue(forKey: UInt32(number)) }
        continue
      }
      portHistories[UInt32(number), default: PortHistory()].add(
        held: peers[number].localHeld,
        timeWait: peers[number].localTimeWait,
        closes: peers[number].localCloses,
        at: now
      )
    }
  }

  var portUses: [PortUse] {
    var uses: [PortUse] = []
    for number in peers.indices.dropFirst()
    where peers[number].localHeld + peers[number].localTimeWait > 0
      || peers[number].refused + peers[number].unanswered > 0
    {
      uses.append(peers[number].portUse(portHistories[UInt32(number)]?.rates))
    }
    return uses.ranked(
      limit: Self.listedPortUses,
      where: { _ in true },
      by: { ($0.used, $0.refused) > ($1.used, $1.refused) }
    )
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
