extension ICMPError.Kind {
  /// RFC 792 and RFC 1812, 5.2.7.1. Nil for what is no error, or none that says something about a path: redirects, and
  /// source quench, which Linux ignores (RFC 6633).
  init?(icmp type: UInt8, code: UInt8) {
    switch (type, code) {
    case (3, 0), (3, 6), (3, 11): self = .networkUnreachable
    case (3, 1), (3, 7), (3, 8), (3, 12): self = .hostUnreachable
    case (3, 3): self = .portUnreachable
    case (3, 4): self = .packetTooBig
    case (3, 9), (3, 10), (3, 13): self = .administrativelyProhibited
    case (3, _): self = .otherUnreachable
    case (11, _): self = .timeExceeded
    case (12, _): self = .parameterProblem
    default: return nil
    }
  }

  /// RFC 4443, 3. Codes 5 and 6 are refinements of code 1.
  init?(icmpv6 type: UInt8, code: UInt8) {
    switch (type, code) {
    case (1, 0): self = .networkUnreachable
    case (1, 1), (1, 5), (1, 6): self = .administrativelyProhibited
    case (1, 3): self = .hostUnreachable
    case (1, 4): self = .portUnreachable
    case (1, _): self = .otherUnreachable
    case (2, _): self = .packetTooBig
    case (3, _): self = .timeExceeded
    case (4, _): self = .parameterProblem
    default: return nil
    }
  }
}
