/// How much of the traffic is looked at, the most first.
package enum CaptureTier: String, CaseIterable, Sendable {
  /// All TCP segments, with the beginning of their payload.
  case full
  /// All TCP segments, as far as their headers go.
  case headers
  /// Only those that open and close connections: SYN, FIN, RST. Costs the kernel less than half on busy hosts; payload,
  /// exchanges, retransmissions and idle times cannot be seen. What hides the flags (an IPv6 extension header, a
  /// tunnel) passes whole.
  case control

  /// The next that sees less.
  package var poorer: CaptureTier? {
    switch self {
    case .full: .headers
    case .headers: .control
    case .control: nil
    }
  }

  /// The next that sees more, up to `limit`.
  package func richer(upTo limit: CaptureTier) -> CaptureTier? {
    switch self {
    case limit, .full: nil
    case .headers: .full
    case .control: .headers
    }
  }
}
