/// Pieces of frames, outermost first: `ethernet(0x0800, ipv4(6, tcp(syn)))`.
enum Frames {
  static let syn: UInt8 = 0x02
  static let fin: UInt8 = 0x11
  static let rst: UInt8 = 0x04
  static let ack: UInt8 = 0x10

  static func ethernet(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
    hex("ffffffffffff 020000000001") + octets(type, bigEndian: true) + payload
  }

  /// 802.1Q: priority and VLAN, then what is tagged. Stands behind the type 0x8100.
  static func tag(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
    hex("0007") + octets(type, bigEndian: true) + payload
  }

  /// Linux cooked, version 1: to us, ARPHRD_ETHER, an address of 6 octets.
  static func cooked(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
    hex("0000 0001 0006 0200000000010000") + octets(type, bigEndian: true) + payload
  }

  /// Version 2: the type first, interface index 2.
  static func cooked2(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
    octets(type, bigEndian: true) + hex("0000 00000002 0001 00 06 0200000000010000") + payload
  }

  static func loopback(_ family: [UInt8], _ payload: [UInt8]) -> [UInt8] { family + payload }

  static func ipv4(
    _ proto: UInt8,
    _ payload: [UInt8],
    fragment: UInt16 = 0,
    options: [UInt8] = []
  ) -> [UInt8] {
    let length = UInt16(20 + options.count + payload.count)
    return [0x45 + UInt8(options.count / 4), 0] + octets(length, bigEndian: true)
      + hex("0001") + octets(fragment, bigEndian: true)
      + [64, proto] + hex("0000 c0000201 c0000202") + options + payload
  }

  static func ipv6(_ next: UInt8, _ payload: [UInt8]) -> [UInt8] {
    hex("60000000") + octets(UInt16(payload.count), bigEndian: true) + [next, 64]
      + hex("20010db8000000000000000000000001 20010db8000000000000000000000002") + payload
  }

  static func tcp(_ flags: UInt8) -> [UInt8] {
    hex("c000 0050 00000001 00000000 50") + [flags] + hex("ffff 0000 0000")
  }

  static func udp(to port: UInt16, _ payload: [UInt8] = []) -> [UInt8] {
    hex("c000") + octets(port, bigEndian: true) + octets(UInt16(8 + payload.count), bigEndian: true) + hex("0000")
      + payload
  }

  /// Type, code, checksum, unused, and the first 8 octets of a quoted packet.
  static func icmp(_ type: UInt8) -> [UInt8] {
    [type, 0] + hex("0000 00000000") + ipv4(6, Array(tcp(syn).prefix(8)))
  }
}
