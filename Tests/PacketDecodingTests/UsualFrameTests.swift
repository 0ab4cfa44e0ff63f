import PacketDecoding
import Testing

/// Usual frames are read in another way than all others: both must find the same.
struct UsualFrameTests {
  private static let timestamps = hex("0101080a 00000001 00000002")
  private static let handshake = hex("020405b4 0402080a 00000001 00000000 01030307")

  /// A frame's packet without the Ethernet header is no usual frame.
  private func check(_ packet: [UInt8], captured: Int? = nil) {
    let whole = Build.ethernet(0x0800, packet)
    let header = whole.count - packet.count
    let count = captured ?? packet.count
    let (frame, bare) = (Array(whole.prefix(header + count)), Array(packet.prefix(count)))
    let found = Result { () throws(DecodeError) in
      try decode(frame, .ethernet, wireLength: whole.count)
    }
    let expected = Result { () throws(DecodeError) in try decode(bare, .ipv4, wireLength: packet.count) }
    let isSame = String(describing: moved(found, by: header)) == String(describing: expected)
    #expect(isSame, "\(found) is not \(expected), of \(frame)")
  }

  private func moved(_ found: Result<DecodedFrame, DecodeError>, by header: Int) -> Result<DecodedFrame, DecodeError> {
    found.map { frame in
      guard case .segment(var segment) = frame else { return frame }
      segment.payloadOffset -= UInt32(header)
      return .segment(segment)
    }
  }

  private static func packet(options: [UInt8], payload: Int = 3) -> [UInt8] {
    Build.ipv4(Build.tcp(options: options, payload: payload))
  }

  @Test(arguments: [[], timestamps, handshake, hex("01010101 01010101 01010101")], [0, 1, 5])
  func areReadAsOthers(options: [UInt8], payload: Int) {
    let packet = Self.packet(options: options, payload: payload)
    check(packet)
    for count in 0...packet.count { check(packet, captured: count) }
  }

  /// Each octet of the headers with each of its bits changed, and a few values.
  @Test(arguments: [[], timestamps, handshake])
  func anyChangeIsReadAsOthers(options: [UInt8]) {
    let packet = Self.packet(options: options)
    for place in packet.indices {
      for value in (0..<8).map({ packet[place] ^ 1 << $0 }) + [0, 1, 5, 20, 0x40, 0x50, 0x7F, 0x80, 0xFF] {
        var changed = packet
        changed[place] = value
        check(changed)
      }
    }
  }
}
