internal import PacketDecoding

/// Accounts in which connections are expected to be opened in a moment, by the lowest bits of their clients' addresses:
/// who opens one need not look for them again.
struct ExpectedAccounts: Sendable {
  struct Entry: Sendable, BitwiseCopyable {
    /// 0 for none.
    var service: UInt32 = 0
    var peer: UInt32 = 0
  }

  private var entries = InlineArray<32, Entry>(repeating: Entry())

  /// Octets of a hash that an index of numbers does not look at have the place.
  private static let placeMask: UInt64 = 31

  /// - Returns: the hash, with the place in it where the client's number is to be noted.
  @inline(__always)
  mutating func begin(_ client: IPAddress, _ service: UInt32, _ hash: UInt64) -> UInt64 {
    let place = client.low & Self.placeMask
    entries[Int(place)] = Entry(service: service)
    return hash & ~Self.placeMask | place
  }

  /// - Parameter hash: as `begin` gave it.
  @inline(__always)
  mutating func note(_ peer: UInt32, _ hash: UInt64) { entries[Int(hash & Self.placeMask)].peer = peer }

  /// What was noted last for this client, or another.
  // Mutating: for what is not, all entries are copied.
  @inline(__always)
  mutating func entry(of client: IPAddress) -> Entry { entries[Int(client.low & Self.placeMask)] }
}
