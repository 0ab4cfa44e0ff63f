internal import PacketDecoding

/// Local ends in FIN_WAIT_2: whether a process still holds them, only the kernel knows.
extension Tracker {
  private static let halfClosedLimit = 4096

  mutating func noteHalfClose(_ step: Step, _ slot: Slot) {
    guard step.after.isHalfClosed, !step.before.isHalfClosed, halfClosed.count < Self.halfClosedLimit else { return }
    let (flow, key) = (table.flow(at: slot), table.key(at: slot))
    let end = flow.halfClosedEnd
    guard flow.isLocal(end), key.scope == 0 else { return }
    halfClosed.append(key.socketName(of: end))
  }

  /// Local ends that went to FIN_WAIT_2 since the last call, and are still there.
  package mutating func takeHalfClosed(in namespace: UInt8 = 0) -> [SocketName] {
    defer { halfClosed.removeAll { $0.namespace == namespace } }
    return halfClosed.filter { name in
      guard name.namespace == namespace else { return false }
      let (key, end) = FlowKey.between(name.local, name.remote, scope: 0, namespace: name.namespace)
      guard let slot = table.find(key) else { return false }
      return table.flow(at: slot)[end].phase == .finWait2
    }
  }
}

extension Standing {
  fileprivate var isHalfClosed: Bool { clientPhase == .finWait2 || serverPhase == .finWait2 }
}
