/// Where accounting keeps what belongs to a connection, and who holds its ends.
@usableFromInline
package struct AccountKey: Hashable, Sendable, BitwiseCopyable {
  @usableFromInline package var service: UInt32
  @usableFromInline package var peer: UInt32
  @usableFromInline package var client = Ownership.unknown
  @usableFromInline package var server = Ownership.unknown
  @usableFromInline package var namespace: UInt8

  @inlinable
  package init(service: UInt32, peer: UInt32, namespace: UInt8 = 0) {
    self.service = service
    self.peer = peer
    self.namespace = namespace
  }

  /// One of the accounts is that of all who have none of their own.
  @inlinable @inline(__always)
  package var isShared: Bool { service == 0 || peer == 0 }

  package subscript(role: Role) -> Ownership {
    get { role == .client ? client : server }
    set { if role == .client { client = newValue } else { server = newValue } }
  }
}
