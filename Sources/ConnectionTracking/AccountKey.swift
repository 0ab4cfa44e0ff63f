/// Where accounting keeps what belongs to a connection, and who holds its ends.
///
/// In two words: it goes along with each change of a connection, and field by field it would be taken apart and put
/// together again.
@usableFromInline
package struct AccountKey: Hashable, Sendable, BitwiseCopyable {
  /// The service, and the peer above it.
  @usableFromInline package var accounts: UInt64
  /// From the lowest bit on: who holds the client's end and how sure that is, the same of the server's, the namespace
  /// (where `FlowDetail` has it, too).
  @usableFromInline package var holders: UInt64

  @inlinable @inline(__always)
  package init(service: UInt32, peer: UInt32, namespace: UInt8 = 0) {
    self.init(accounts: UInt64(service) | UInt64(peer) << 32, namespace: namespace)
  }

  /// - Parameter accounts: as another key has them.
  @inlinable @inline(__always)
  package init(accounts: UInt64, namespace: UInt8) {
    self.accounts = accounts
    holders = UInt64(namespace) << 48
  }

  @inlinable @inline(__always) package var service: UInt32 {
    get { UInt32(truncatingIfNeeded: accounts) }
    set { accounts = accounts & ~0xFFFF_FFFF | UInt64(newValue) }
  }

  @inlinable @inline(__always) package var peer: UInt32 {
    get { UInt32(truncatingIfNeeded: accounts >> 32) }
    set { accounts = accounts & 0xFFFF_FFFF | UInt64(newValue) << 32 }
  }

  @inlinable @inline(__always) package var namespace: UInt8 { UInt8(truncatingIfNeeded: holders >> 48) }

  @inlinable @inline(__always) package var client: Ownership {
    get { Ownership(bits: UInt32(truncatingIfNeeded: holders)) }
    set { holders = holders & ~0xFF_FFFF | UInt64(newValue.bits) }
  }

  @inlinable @inline(__always) package var server: Ownership {
    get { Ownership(bits: UInt32(truncatingIfNeeded: holders >> 24)) }
    set { holders = holders & ~(0xFF_FFFF << 24) | UInt64(newValue.bits) << 24 }
  }

  /// One of the accounts is that of all who have none of their own.
  @inlinable @inline(__always)
  package var isShared: Bool { service == 0 || peer == 0 }

  /// Somebody is known to hold one of the ends.
  @inline(__always)
  var hasHolders: Bool { holders << 16 != 0 }

  package subscript(role: Role) -> Ownership {
    get { role == .client ? client : server }
    set { if role == .client { client = newValue } else { server = newValue } }
  }
}

extension Ownership {
  /// In 24 bits: the owner, and above it how sure that is.
  @inlinable @inline(__always)
  var bits: UInt32 { UInt32(owner) | UInt32(attribution.rawValue) << 16 }

  /// Only what `bits` gave comes back.
  @inlinable @inline(__always)
  init(bits: UInt32) {
    let attribution = UInt8(truncatingIfNeeded: bits >> 16)
    self.init(
      owner: UInt16(truncatingIfNeeded: bits),
      attribution: unsafe unsafeBitCast(attribution, to: Attribution.self)
    )
  }
}
