import Glibc
package import PacketDecoding

/// Addresses and endpoints out of text. No names are looked up: a configuration that needs DNS fails at boot.
package enum AddressParsing {
  /// `10.0.0.1` or `fd00::1`.
  package static func address(_ text: String) -> IPAddress? {
    var ipv4 = in_addr()
    if unsafe inet_pton(AF_INET, text, &ipv4) == 1 { return IPAddress(ipv4: UInt32(bigEndian: ipv4.s_addr)) }
    var ipv6 = in6_addr()
    guard unsafe inet_pton(AF_INET6, text, &ipv6) == 1 else { return nil }
    return unsafe withUnsafeBytes(of: &ipv6) { bytes in
      let halves = unsafe (
        bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
      )
      return IPAddress(high: UInt64(bigEndian: halves.0), low: UInt64(bigEndian: halves.1))
    }
  }

  /// `127.0.0.1:11060`, `[::1]:11060` or `localhost:11060`. Port 0 lets the kernel choose.
  package static func endpoint(_ text: String) -> Endpoint? {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    guard let port = decimal(text[text.index(after: colon)...]).flatMap(UInt16.init(exactly:)) else { return nil }
    let host = text[..<colon]
    if host == "localhost" { return Endpoint(address: IPAddress(ipv4: 0x7F00_0001), port: port) }
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    guard let address = address(String(isBracketed ? host.dropFirst().dropLast() : host)) else { return nil }
    return address.isIPv4 == isBracketed ? nil : Endpoint(address: address, port: port)
  }

  /// Digits only: `Int` takes signs, too.
  static func decimal(_ text: some StringProtocol) -> Int? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }
}
