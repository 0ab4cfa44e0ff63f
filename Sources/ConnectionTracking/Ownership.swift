/// Who holds the socket of a local end, and how that was learned.
@usableFromInline
package struct Ownership: Hashable, Sendable, BitwiseCopyable {
  /// A number that whoever keeps the names has given; 0 is nobody known.
  @usableFromInline package var owner: UInt16
  @usableFromInline package var attribution: Attribution

  @inlinable
  package init(owner: UInt16, attribution: Attribution) {
    self.owner = owner
    self.attribution = attribution
  }

  @inlinable package static var unknown: Ownership { Ownership(owner: 0, attribution: .none) }
}

/// How sure an owner is; a surer one takes the place of another.
@usableFromInline
package enum Attribution: UInt8, CaseIterable, Comparable, Sendable, BitwiseCopyable {
  case none
  /// Several owners listen on the same port (SO_REUSEPORT), and the socket was gone before it could be asked.
  case ambiguous
  /// From a listener that was seen after the connection began.
  case late
  /// From the listener that took the connection.
  case listener
  /// From the socket itself.
  case exact

  @inlinable
  package static func < (a: Attribution, b: Attribution) -> Bool { a.rawValue < b.rawValue }
}

/// A local end of which nobody knows yet who holds it.
package struct UnownedEnd: Hashable, Sendable, BitwiseCopyable {
  package var name: SocketName
  package var role: Role
  /// Of the connection: another one may take over the addresses.
  package var serial: UInt64
  /// It was there before it was seen.
  package var isOlder: Bool

  package init(name: SocketName, role: Role, serial: UInt64, isOlder: Bool) {
    self.name = name
    self.role = role
    self.serial = serial
    self.isOlder = isOlder
  }
}
