/// The kinds of tunnel that put an IP packet or a frame of another network into an IP packet.
enum Tunnel: UInt8 {
  case ipInIP = 1
  case gre, pptp, erspan, vxlan, geneve, teredo

  /// A key for what is inside: of the kind, its identifier (VNI, GRE key) and the tunnel's ends in an order that does
  /// not depend on the direction, so that both directions of an inner connection get the same. `outerScope` chains
  /// tunnels in tunnels.
  ///
  /// Not seeded: the same tunnel must have the same scope in each worker. Never 0, which means no tunnel.
  func scope(
    identifier: UInt32,
    between a: IPAddress,
    and b: IPAddress,
    within outerScope: UInt32
  ) -> UInt32 {
    let inOrder = (a.high, a.low) <= (b.high, b.low)
    let (first, second) = inOrder ? (a, b) : (b, a)
    var hash = Self.mix(UInt64(outerScope) << 32 | UInt64(identifier), UInt64(rawValue))
    hash = Self.mix(hash, first.high)
    hash = Self.mix(hash, first.low)
    hash = Self.mix(hash, second.high)
    hash = Self.mix(hash, second.low)
    return max(1, UInt32(truncatingIfNeeded: hash ^ hash >> 32))
  }

  /// Multiplies and folds. The rotation keeps a product of zero from forgetting what came before.
  private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let rotated = hash << 23 | hash >> 41
    let product = (rotated ^ word ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    return product.high ^ product.low
  }
}
