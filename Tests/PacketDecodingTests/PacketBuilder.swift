import PacketDecoding

/// Packets with one thing different each, where a table of hex would hide it. Lengths are filled in; the checksums of
/// IP are left zero, for nobody reads them.
enum Build {
  static func tcp(
    _ flags: TCPFlags = .ack,
    options: [UInt8] = [],
    payload: Int = 0,
    dataOffset: UInt8? = nil
  ) -> [UInt8] {
    let offset = dataOffset ?? UInt8(5 + options.count / 4)
    return hex("9c40 0050 01020304 0a0b0c0d") + [offset << 4, flags.rawValue] + hex("01f6 0000 0000") + options
      + [UInt8](repeating: 0x41, count: payload)
  }

  static func ipv4(
    _ payload: [UInt8],
    proto: UInt8 = 6,
    totalLength: Int? = nil,
    fragment: UInt16 = 0,
    from source: [UInt8] = [192, 0, 2, 1],
    to destination: [UInt8] = [198, 51, 100, 2]
  ) -> [UInt8] {
    let total = UInt16(totalLength ?? 20 + payload.count)
    return [0x45, 0] + octets(total) + [0, 1] + octets(fragment) + [64, proto, 0, 0] + source + destination + payload
  }

  static func ipv6(_ payload: [UInt8], nextHeader: UInt8 = 6, payloadLength: Int? = nil) -> [UInt8] {
    hex("60000000") + octets(UInt16(payloadLength ?? payload.count)) + [nextHeader, 64]
      + hex("20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002") + payload
  }

  static func ethernet(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
    hex("020000000002 020000000001") + octets(type) + payload
  }

  static func udp(to port: UInt16, _ payload: [UInt8]) -> [UInt8] {
    octets(50000) + octets(port) + octets(UInt16(8 + payload.count)) + [0, 0] + payload
  }

  static func octets(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 0xFF)] }
}
