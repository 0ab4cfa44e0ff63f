internal import PacketDecoding

/// Accounts in which connections are expected to be opened in a moment, by some bits of their ends: who opens one need not
/// look for them again.
struct ExpectedAccounts: Sendable {
  struct Entry: Sendable, BitwiseCopyable {
    /// 0 for none.
    var service: UInt32 = 0
    var peer: UInt32 = 0
  }

  private var entries = InlineArray<64, Entry>(repeating: Entry())

  /// In bits of a hash that an index of numbers does not look at stands the place.
  private static let placeMask: UInt64 = 63

  /// Of neighbours as of those far from each other, few have the same.
  @inline(__always)
  private static func place(_ client: IPAddress, _ server: Endpoint) -> UInt64 {
    ((client.low ^ server.address.low &<< 16 ^ UInt64(server.port) &<< 48) &* 0x9E37_79B9_7F4A_7C15) >> 58
  }

  /// - Returns: the hash, with the place in it where the client's number is to be noted.
  @inline(__always)
  mutating func begin(_ client: IPAddress, _ server: Endpoint, _ service: UInt32, _ hash: UInt64) -> UInt64 {
    let place = Self.place(client, server)
    // The client may be that of one who comes before.
    entries[Int(place)].service = service
    return hash & ~Self.placeMask | place
  }

  /// - Parameter hash: as `begin` gave it.
  @inline(__always)
  mutating func note(_ peer: UInt32, _ hash: UInt64) { entries[Int(hash & Self.placeMask)].peer = peer }

  /// What was noted last for these ends, or others.
  // Mutating: for what is not, all entries are copied.
  @inline(__always)
  mutating func entry(_ client: IPAddress, _ server: Endpoint) -> Entry { entries[Int(Self.place(client, server))] }
}
