package import PacketDecoding

/// Community ID v1 (Corelight's specification): one name for a connection that other tools give it too.
///
/// `1:` and the Base64 of the SHA-1 of seed, lower address, higher address, protocol, padding and ports, all in network
/// order; seed 0.
package enum CommunityID {
  private static let tcp: UInt8 = 6

  package static func text(client: Endpoint, server: Endpoint) -> String {
    let (first, second) = bytes(client).lexicographicallyPrecedes(bytes(server)) ? (client, server) : (server, client)
    var message: [UInt8] = [0, 0]
    message += octets(of: first.address)
    message += octets(of: second.address)
    message += [tcp, 0]
    message += octets(of: first.port)
    message += octets(of: second.port)
    return "1:" + base64(SHA1.digest(of: message))
  }

  private static func bytes(_ endpoint: Endpoint) -> [UInt8] {
    octets(of: endpoint.address) + octets(of: endpoint.port)
  }

  private static func octets(of address: IPAddress) -> [UInt8] {
    let all = octets(of: address.high) + octets(of: address.low)
    return address.isIPv4 ? Array(all.suffix(4)) : all
  }

  private static func octets(of number: some FixedWidthInteger) -> [UInt8] {
    stride(from: number.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let padded = group + Array(repeating: 0, count: 3 - group.count)
      let word = padded.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      for digit in 0..<4 {
        text.append(digit <= group.count ? alphabet[Int(word >> UInt32(18 - 6 * digit)) & 63] : "=")
      }
    }
    return text
  }
}
