/// What accounting counts of a connection: when it changes, one is taken off the old cells and put on the new.
///
/// In one word, for each segment compares two of them.
@usableFromInline
package struct Standing: Hashable, Sendable, BitwiseCopyable {
  /// A byte for each of the first four, and the side above them.
  @usableFromInline package private(set) var word: UInt64

  @inlinable
  package init(
    clientPhase: Phase,
    serverPhase: Phase,
    closedFirst: ClosedFirst,
    closeKind: CloseKind,
    localSide: LocalSide
  ) {
    let phases = unsafe unsafeBitCast((clientPhase, serverPhase), to: UInt16.self)
    let close = unsafe unsafeBitCast((closedFirst, closeKind), to: UInt16.self)
    let side = unsafe unsafeBitCast(localSide, to: UInt8.self)
    word = UInt64(phases) | UInt64(close) << 16 | UInt64(side) << 32
  }

  /// The same in five octets.
  @inlinable @inline(__always)
  package var parts: (low: UInt32, high: UInt8) {
    (UInt32(truncatingIfNeeded: word), UInt8(truncatingIfNeeded: word >> 32))
  }

  /// - Parameters: what `parts` gave.
  @inlinable @inline(__always)
  package init(parts: (low: UInt32, high: UInt8)) { word = UInt64(parts.low) | UInt64(parts.high) << 32 }

  // Only the initializers write the word: a raw value stands in each byte. (What makes one of the other asks for each.)

  @inlinable @inline(__always) package var clientPhase: Phase {
    unsafe unsafeBitCast(UInt8(truncatingIfNeeded: word), to: Phase.self)
  }
  @inlinable @inline(__always) package var serverPhase: Phase {
    unsafe unsafeBitCast(UInt8(truncatingIfNeeded: word >> 8), to: Phase.self)
  }
  @inlinable @inline(__always) package var closedFirst: ClosedFirst {
    unsafe unsafeBitCast(UInt8(truncatingIfNeeded: word >> 16), to: ClosedFirst.self)
  }
  @inlinable @inline(__always) package var closeKind: CloseKind {
    unsafe unsafeBitCast(UInt8(truncatingIfNeeded: word >> 24), to: CloseKind.self)
  }
  @inlinable @inline(__always) package var localSide: LocalSide {
    unsafe unsafeBitCast(UInt8(truncatingIfNeeded: word >> 32), to: LocalSide.self)
  }

  /// Whether nothing but states of ends is another.
  @inlinable @inline(__always)
  package func differsInPhasesAlone(from other: Standing) -> Bool { (word ^ other.word) >> 16 == 0 }
}

extension Flow {
  @inline(__always)
  package var standing: Standing {
    Standing(
      clientPhase: clientPhase,
      serverPhase: serverPhase,
      closedFirst: closedFirst,
      closeKind: closeKind,
      localSide: localSide
    )
  }
}

extension Standing {
  /// The server answers the client's SYN.
  @inlinable @inline(__always)
  package func answers(since before: Standing) -> Bool {
    before.serverPhase == .listen && serverPhase.hasAnswered
  }

  /// It shows that both ends are there, and no segment made it up: an answer to a SYN, or a FIN from each.
  @inlinable @inline(__always)
  package func proves(since before: Standing) -> Bool {
    answers(since: before) || closeKind == .fin && before.closeKind == .none
  }
}
