import PacketDecoding

/// Other addresses in the place of addresses, one for one: two that share their first bits still do, and those of blocks
/// with a meaning (private, loopback, link-local, multicast) stay in them. Which is which, only the key tells.
struct AddressPseudonyms {
  private let hash: SipHash
  private var known: [IPAddress: IPAddress] = [:]

  init(hash: SipHash) {
    self.hash = hash
  }

  /// An address and how many of its first bits say what kind it is; of all 128, with IPv4 as ::ffff:0:0/96.
  private static let kinds: [(address: IPAddress, bits: Int)] = [
    ("0.0.0.0", 32), ("255.255.255.255", 32), ("127.0.0.0", 8), ("10.0.0.0", 8), ("172.16.0.0", 12),
    ("192.168.0.0", 16), ("169.254.0.0", 16), ("100.64.0.0", 10), ("224.0.0.0", 4), ("::", 128), ("::1", 128),
    ("fe80::", 10), ("fc00::", 7), ("ff00::", 8), ("2000::", 3),
  ].compactMap { text, bits in IPAddress(text).map { ($0, $0.isIPv4 ? bits + 96 : bits) } }

  /// What names this host alone, whoever it is.
  private static let meaningless = ["127.0.0.0/8", "::1/128", "::/128", "0.0.0.0/32", "255.255.255.255/32"].compactMap {
    CIDR($0)
  }

  mutating func pseudonym(of address: IPAddress) -> IPAddress {
    if let pseudonym = known[address] { return pseudonym }
    let pseudonym = make(address)
    known[address] = pseudonym
    return pseudonym
  }

  /// Of an address in a network: what is zero after the prefix stays so.
  mutating func pseudonym(of block: CIDR) -> CIDR? {
    CIDR(address: pseudonym(of: block.address), prefixLength: Int(block.prefixLength))
  }

  private func make(_ address: IPAddress) -> IPAddress {
    guard !Self.meaningless.contains(where: { $0.contains(address) }) else { return address }
    let bits = UInt128(address.high) << 64 | UInt128(address.low)
    var result = bits
    for place in firstFreeBit(of: address, bits)..<128 {
      let prefix = place == 0 ? 0 : bits >> (128 - UInt128(place))
      if hash.hash(Self.message(place, prefix)) & 1 == 1 { result ^= 1 << (127 - UInt128(place)) }
    }
    return IPAddress(high: UInt64(truncatingIfNeeded: result >> 64), low: UInt64(truncatingIfNeeded: result))
  }

  /// Before it each bit says what kind it is, or that it is not of a kind: turned over, it would be of another.
  private func firstFreeBit(of address: IPAddress, _ bits: UInt128) -> Int {
    var free = address.isIPv4 ? 96 : 0
    for kind in Self.kinds where kind.address.isIPv4 == address.isIPv4 {
      let other = UInt128(kind.address.high) << 64 | UInt128(kind.address.low)
      free = max(free, min((bits ^ other).leadingZeroBitCount + 1, kind.bits))
    }
    return free
  }

  private static func message(_ place: Int, _ prefix: UInt128) -> [UInt8] {
    [UInt8(place)] + stride(from: 0, to: 128, by: 8).map { UInt8(truncatingIfNeeded: prefix >> UInt128($0)) }
  }
}
