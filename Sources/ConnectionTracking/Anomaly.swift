/// Oddities of traffic: counted, never thrown.
package enum Anomaly: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  /// A segment that no receiver would accept: it changed nothing.
  case outsideWindow
  /// Data or a FIN with a timestamp older than one already received (PAWS, RFC 7323, 5): it changed nothing.
  case oldTimestamp
  /// An RST inside the window that does not hit its left edge: answered by a challenge ACK (RFC 5961, 3.2).
  case inexactReset
  /// A SYN into TIME_WAIT that Linux does not take for a new connection.
  case challengedSYN
  /// A SYN on a connection that was still open.
  case reusedWhileOpen
  /// SYN together with FIN or RST.
  case synWithFINOrRST
  /// A SYN-ACK with another initial sequence number than the one before.
  case changedSYNACK
  /// An ACK of something that was not seen: the capture lacks segments.
  case captureGap
  /// Payload beyond the sender's FIN.
  case dataAfterFIN
  /// A FIN in FIN_WAIT_2 answered by RST instead of TIME_WAIT.
  case timeWaitSkipped
  /// A TCP checksum that is wrong, where checksums are verified.
  case badChecksum
  /// Packet time jumped by more than a day.
  case timeJump
  /// An ICMP error for a segment of a tracked connection.
  case icmpError

  package var name: String {
    switch self {
    case .outsideWindow: "outside_window"
    case .oldTimestamp: "old_timestamp"
    case .inexactReset: "inexact_reset"
    case .challengedSYN: "challenged_syn"
    case .reusedWhileOpen: "reused_while_open"
    case .synWithFINOrRST: "syn_with_fin_or_rst"
    case .changedSYNACK: "changed_syn_ack"
    case .captureGap: "capture_gap"
    case .dataAfterFIN: "data_after_fin"
    case .timeWaitSkipped: "time_wait_skipped"
    case .badChecksum: "bad_checksum"
    case .timeJump: "time_jump"
    case .icmpError: "icmp_error"
    }
  }
}

/// How often each anomaly occurred.
package struct AnomalyCounts: Sendable, BitwiseCopyable {
  private var cells: InlineArray<16, Int> = InlineArray(repeating: 0)

  package init() {}

  package subscript(anomaly: Anomaly) -> Int {
    get { cells[Int(anomaly.rawValue)] }
    set { cells[Int(anomaly.rawValue)] = newValue }
  }
}
