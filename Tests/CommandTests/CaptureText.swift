import PacketDecoding

/// Writes capture files octet by octet.
enum CaptureText {
  /// pcap, little-endian, microseconds, Ethernet, a frame at each of these seconds.
  static func pcap(_ frames: [(second: UInt32, octets: [UInt8])]) -> [UInt8] {
    var bytes = little(0xA1B2_C3D4) + half(2) + half(4) + little(0) + little(0) + little(65535) + little(1)
    for frame in frames {
      let length = UInt32(frame.octets.count)
      bytes += little(frame.second) + little(0) + little(length) + little(length) + frame.octets
    }
    return bytes
  }

  static let sectionHeader = block(
    0x0A0D_0D0A,
    little(0x1A2B_3C4D) + half(1) + half(0) + [UInt8](repeating: 0xFF, count: 8)
  )

  static func interface(_ linkType: UInt16, name: String) -> [UInt8] {
    let text = Array(name.utf8)
    let option = half(2) + half(UInt16(text.count)) + padded(text)
    return block(1, half(linkType) + half(0) + little(0) + option + half(0) + half(0))
  }

  static func packet(interface: UInt32, second: UInt64, _ octets: [UInt8]) -> [UInt8] {
    let ticks = second * 1_000_000
    let length = UInt32(octets.count)
    let head = little(interface) + little(UInt32(ticks >> 32)) + little(UInt32(truncatingIfNeeded: ticks))
    return block(6, head + little(length) + little(length) + padded(octets))
  }

  private static func block(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
    let length = little(UInt32(body.count + 12))
    return little(type) + length + body + length
  }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
  }

  private static func little(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func half(_ value: UInt16) -> [UInt8] {
    [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
  }
}
