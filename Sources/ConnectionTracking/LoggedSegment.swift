package import PacketDecoding

/// One segment, and what it did to both ends.
package struct LoggedSegment: Sendable, BitwiseCopyable {
  package let captured: Timestamp
  /// The serial in the lower bits, above it four bits for the phase of each end before and after.
  private let serialAndPhases: UInt64
  /// The number of the one before in its chain.
  var previous: UInt32 = 0
  package let payloadLength: UInt32
  package let flags: TCPFlags
  package let sender: Role
  package let isRetransmission: Bool

  private static let serialBits: UInt64 = 48
  private static let serialMask: UInt64 = 1 << serialBits - 1

  init(
    serial: UInt64,
    flags: TCPFlags,
    payloadLength: UInt32,
    from sender: Role,
    before: Standing,
    after: Standing,
    isRetransmission: Bool = false,
    at captured: Timestamp
  ) {
    let clientPhases = UInt64(before.clientPhase.rawValue) | UInt64(after.clientPhase.rawValue) << 4
    let serverPhases = UInt64(before.serverPhase.rawValue) | UInt64(after.serverPhase.rawValue) << 4
    serialAndPhases = serial & Self.serialMask | (clientPhases | serverPhases << 8) << Self.serialBits
    self.captured = captured
    self.payloadLength = payloadLength
    self.flags = flags
    self.sender = sender
    self.isRetransmission = isRetransmission
  }

  var serial: UInt64 { serialAndPhases & Self.serialMask }

  package func phaseBefore(_ role: Role) -> Phase { phase(role == .client ? 0 : 8) }
  package func phaseAfter(_ role: Role) -> Phase { phase(role == .client ? 4 : 12) }

  private func phase(_ shift: UInt64) -> Phase {
    Phase(rawValue: UInt8(truncatingIfNeeded: serialAndPhases >> (Self.serialBits + shift)) & 0x0F) ?? .closed
  }
}
