internal import CloseDiagnosis
package import ConnectionTracking
package import PacketDecoding

extension ConnectionRecord {
  /// - Parameter interfaces: names by interface number; a number without a name gives none.
  package init(_ connection: ConnectionView, at now: Instant, interfaces: [String] = []) {
    self.init(serial: connection.detail.serial, client: connection.client, server: connection.server)
    let flow = connection.flow
    rolesObserved = flow.traits.rolesObserved
    fromKernel = flow.traits.fromKernel
    evicted = flow.traits.evicted
    start = flow.traits.fromKernel ? nil : connection.start
    end = flow.traits.fromKernel ? nil : flow.lastPacket
    clientPhase = flow.clientPhase
    serverPhase = flow.serverPhase
    connState = connection.connState.rawValue
    history = connection.history.description
    closedFirst = flow.closedFirst
    closeKind = flow.closeKind
    clientHeldTimeWait = connection.heldTimeWait(.client)
    serverHeldTimeWait = connection.heldTimeWait(.server)
    timeWaitRemaining = connection.timeWaitRemaining(at: now)
    clientCounters = EndCounters(connection, .client)
    serverCounters = EndCounters(connection, .server)
    closeRequestedBy = closeKind == .none ? nil : connection.conversation.closeRequestedBy
    conversation = ConversationRecord(connection.conversation)
    isPartial = connection.isPartial
    if isPartial {
      closeRequestedBy = nil
      conversation = ConversationRecord()
      conversation.isKnown = false
    }
    if fromKernel || isPartial {
      // What was said before the capture began is not known, nor what went by uncaptured.
      conversation.exchanges = nil
      conversation.requests = nil
    }
    localSide = flow.localSide
    if let number = connection.interface, Int(number) < interfaces.count { interface = interfaces[Int(number)] }
  }
}

extension EndCounters {
  fileprivate init(_ connection: ConnectionView, _ role: Role) {
    self.init()
    packets = connection.packets(of: role)
    bytes = connection.bytes(of: role)
    retransmits = connection.retransmits(of: role)
    initialFlags = connection.initialFlags(of: role)
    unionFlags = connection.unionFlags(of: role)
    laterFlags = connection.laterFlags(of: role)
  }
}
