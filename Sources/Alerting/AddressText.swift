package import PacketDecoding

/// Addresses as text: RFC 5952 for IPv6, `address:port` and `[address]:port` for endpoints.
package enum AddressText {
  package static func text(_ endpoint: Endpoint) -> String {
    let address = text(endpoint.address)
    return endpoint.address.isIPv4 ? "\(address):\(endpoint.port)" : "[\(address)]:\(endpoint.port)"
  }

  package static func text(_ address: IPAddress) -> String {
    guard address.isIPv4 else { return ipv6(address) }
    return (0..<4).map { String(address.low >> (24 - 8 * UInt64($0)) & 0xFF) }.joined(separator: ".")
  }

  private static func ipv6(_ address: IPAddress) -> String {
    let groups = [address.high, address.low].flatMap { half in
      (0..<4).map { String(half >> (48 - 16 * UInt64($0)) & 0xFFFF, radix: 16) }
    }
    guard let zeros = longestZeros(groups) else { return groups.joined(separator: ":") }
    return groups[..<zeros.lowerBound].joined(separator: ":") + "::"
      + groups[zeros.upperBound...].joined(separator: ":")
  }

  /// The first longest run of two zero groups or more: what `::` stands for.
  private static func longestZeros(_ groups: [String]) -> Range<Int>? {
    var longest = 0..<0
    var start = 0
    for (index, group) in groups.enumerated() {
      if group != "0" {
        start = index + 1
      } else if index + 1 - start > longest.count {
        longest = start..<index + 1
      }
    }
    return longest.count > 1 ? longest : nil
  }
}
