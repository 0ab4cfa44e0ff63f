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
      let peer = peers[number]
      guard peer.localHeld + peer.localTimeWait >= Self.leastPorts else {
        if !portHistories.isEmpty { portHistories.removeValue(forKey: UInt32(number)) }
        continue
      }
      portHistories[UInt32(number), default: PortHistory()].add(
        held: peer.localHeld,
        timeWait: peer.localTimeWait,
        closes: peer.localCloses,
        at: now
      )
    }
  }

  var portUses: [PortUse] {
    let uses = peers.enumerated().dropFirst().compactMap { number, peer in
      peer.localHeld + peer.localTimeWait > 0 || peer.refused + peer.unanswered > 0
        ? peer.portUse(portHistories[UInt32(number)]?.rates) : nil
    }
    return Array(uses.sorted { ($0.used, $0.refused) > ($1.used, $1.refused) }.prefix(Self.listedPortUses))
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
