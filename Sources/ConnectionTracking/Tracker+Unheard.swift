internal import PacketDecoding

/// Connections of which nothing was heard after their SYN, and of which more is kept than that.
extension Tracker {
  /// Takes out one that runs out, if it is such a one and the observer needs to know no more. The same as `retire`, of
  /// which little is left to do: nothing but where it stands is kept of it.
  ///
  /// - Parameter isShed: before its time.
  /// - Returns: false, and nothing is changed, for all others.
  @inline(__always)
  mutating func retireUnheard(
    _ slot: Slot,
    isShed: Bool,
    observer: inout (some ConnectionObserver & ~Copyable)
  ) -> Bool {
    guard let unheard = table.unheard(slot) else { return false }
    let isAllToTell = observer.ranOut(
      unheard.account,
      serial: unheard.serial,
      unheard.side,
      isUnanswered: !isShed && !unheard.isUnreachable
    )
    guard isAllToTell else { return false }
    unansweredCount -= 1
    leave(unheard.queue, slot)
    table.remove(slot)
    return true
  }
}

/// What is told of a connection of which nothing was heard after its SYN.
private struct Unheard {
  var side: LocalSide
  var queue: DeadlineQueue.Kind
  var account: AccountKey
  var serial: UInt64
  var isUnreachable: Bool
}

extension FlowTable {
  /// Nil for all others, and for those with rarities.
  @inline(__always)
  fileprivate func unheard(_ slot: Slot) -> Unheard? {
    update(slot) { flow, detail in
      guard flow.isUnanswered, flow.clientPhase == .synSent, flow.closedFirst == .none,
        flow.closeKind == .none, !flow.traits.isAnswered, !detail.hasConversation, detail.rarities == .none,
        flow.hasSaidNothing(&detail)
      else { return nil }
      return Unheard(
        side: flow.localSide,
        queue: flow.queue,
        account: detail.account,
        serial: detail.serial,
        isUnreachable: detail.isUnreachable
      )
    }
  }
}

extension Flow {
  /// No octet of payload, and no FIN, as far as sequence numbers tell that have not come round.
  @inline(__always)
  fileprivate func hasSaidNothing(_ detail: inout FlowDetail) -> Bool {
    (!first.marks.hasNext || first.next == detail[.first].base)
      && (!second.marks.hasNext || second.next == detail[.second].base)
  }
}

extension Standing {
  /// After a SYN.
  @inlinable @inline(__always)
  package static func unanswered(_ side: LocalSide) -> Standing {
    Standing(clientPhase: .synSent, serverPhase: .listen, closedFirst: .none, closeKind: .none, localSide: side)
  }

  /// That of the same connection when it has run out.
  @inlinable @inline(__always)
  package var ranOut: Standing {
    Standing(
      clientPhase: .closed,
      serverPhase: .closed,
      closedFirst: closedFirst,
      closeKind: .expired,
      localSide: localSide
    )
  }
}
