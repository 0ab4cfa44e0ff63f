internal import PacketDecoding

/// Writes what goes over the network: most significant octet first.
struct OctetWriter: Sendable {
  private(set) var octets: [UInt8] = []

  var count: Int { octets.count }

  mutating func put(_ value: some FixedWidthInteger & UnsignedInteger) {
    for place in stride(from: value.bitWidth - 8, through: 0, by: -8) {
      octets.append(UInt8(truncatingIfNeeded: value >> place))
    }
  }

  /// In the space of its family.
  mutating func put(_ address: IPAddress) {
    if address.isIPv4 {
      put(UInt32(truncatingIfNeeded: address.low))
    } else {
      put(address.high)
      put(address.low)
    }
  }

  /// With its length before it (RFC 7011, 7); cut where a longer form of the length would be needed.
  mutating func put(_ text: String) {
    let bytes = Array(text.utf8)
    var end = min(bytes.count, 254)
    while end < bytes.count, end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    put(UInt8(end))
    octets += bytes[..<end]
  }

  mutating func append(_ other: OctetWriter) { octets += other.octets }

  mutating func pad(to multiple: Int) {
    while octets.count % multiple != 0 { octets.append(0) }
  }

  /// Puts a number where room was left for it.
  mutating func put(_ value: UInt16, at offset: Int) {
    octets[offset] = UInt8(truncatingIfNeeded: value >> 8)
    octets[offset + 1] = UInt8(truncatingIfNeeded: value)
  }
}
