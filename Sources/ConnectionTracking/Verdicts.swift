/// One of the two ends, by its role: the client is who sent the first SYN.
@usableFromInline
package enum Role: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  case client
  case server

  @inlinable
  package var peer: Role { self == .client ? .server : .client }
}

/// Who sent the first accepted FIN or RST.
@usableFromInline
package enum ClosedFirst: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  /// Still open, refused, unanswered, or expired.
  case none
  case client
  case server
  /// Neither FIN acknowledges the other.
  case simultaneous
}

/// How a connection ended; the first kind stays.
@usableFromInline
package enum CloseKind: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  /// No end yet.
  case none
  /// Both FINs were exchanged.
  case fin
  /// An RST ended it, also after one FIN.
  case rst
  /// RST in answer to SYN.
  case refused
  /// A deadline passed, or it was evicted.
  case expired
  /// A new SYN took its place while neither end was in TIME_WAIT or CLOSED.
  case reused
}

/// Which end has a local address, with a socket behind it.
@usableFromInline
package enum LocalSide: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  /// Nobody said what is local (a file without `--local`).
  case unknown
  case client
  case server
  case both
  /// Neither end is here: gateways, mirror ports, masqueraded containers.
  case transit
}

/// Where an end of a connection lives, seen from this host.
@usableFromInline
package enum Locality: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  case local
  case remote
  case transit
}

extension LocalSide {
  /// Where the end with this role lives; nil when nobody said what is local.
  @inlinable @inline(__always)
  package func locality(of role: Role) -> Locality? {
    switch self {
    case .unknown: nil
    case .transit: .transit
    case .both: .local
    case .client: role == .client ? .local : .remote
    case .server: role == .server ? .local : .remote
    }
  }
}
