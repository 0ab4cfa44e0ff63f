import PacketDecoding
import Testing

struct IPv6Tests {
  private static let packet = Build.ipv6(Build.tcp())

  private static func extended(_ header: String, nextHeader: UInt8) -> [UInt8] {
    Build.ipv6(hex(header), nextHeader: nextHeader)
  }

  private static let refusals: [Refusal] = [
    Refusal(packet.dropLast(21), .truncated(.ipv6, need: 40, have: 39)),
    Refusal(Build.ipv6(Build.tcp(), payloadLength: 12), .truncated(.tcp, need: 20, have: 12)),
    Refusal([0x40] + packet.dropFirst(), .malformed(.ipv6, .version)),
    Refusal(extended("06000502 000001", nextHeader: 0), .truncated(.ipv6Extension, need: 8, have: 7)),
    Refusal(extended("06010502 00000100", nextHeader: 0), .truncated(.tcp, need: 20, have: 0)),
    Refusal(extended("06000001 00000000", nextHeader: 43), .malformed(.ipv6Extension, .headerLength)),
    Refusal(
      extended("06020001 00000000 20010db8 00000000", nextHeader: 43),
      .truncated(.ipv6Extension, need: 24, have: 16)
    ),
  ]

  @Test(arguments: refusals)
  func refuses(refusal: Refusal) {
    #expect(throws: refusal.error) { try decode(refusal.packet, .ipv6) }
  }

  @Test(arguments: [8, 24])
  func refusesIPv4MappedAddresses(offset: Int) {
    var packet = Build.ipv6(Build.tcp())
    packet.replaceSubrange(offset..<offset + 16, with: hex("00000000 00000000 0000ffff c0000201"))
    #expect(throws: DecodeError.malformed(.ipv6, .address)) { try decode(packet) }
    packet[offset + 11] = 0xFE
    #expect(throws: Never.self) { try decode(packet) }
  }

  @Test
  func refusesIPv4MappedFinalDestination() {
    let routing = hex("06020401 00000000 00000000 00000000 0000ffff c0000201")
    let packet = Build.ipv6(routing + Build.tcp(), nextHeader: 43)
    #expect(throws: DecodeError.malformed(.ipv6, .address)) { try decode(packet) }
  }

  @Test(arguments: [
    ("06 00 0000 00000009", true), ("06 00 0001 00000009", true), ("06 00 0008 00000009", false),
    ("06 00 fff9 00000009", false),
  ])
  func fragments(header: String, hasHeader: Bool) throws {
    let frame = try decode(Build.ipv6(hex(header) + Build.tcp(payload: 8), nextHeader: 44))
    #expect(frame.isLaterFragment == !hasHeader)
    #expect((frame.segment?.payloadLength == 8) == hasHeader)
  }

  @Test
  func laterFragmentsOfOtherProtocolsAreOther() throws {
    #expect(try decode(Build.ipv6(hex("11 00 0008 00000009") + Build.tcp(), nextHeader: 44)).isOther)
  }

  @Test
  func payloadLengthZeroIsTheWireLength() throws {
    let frame = Build.ethernet(0x86DD, Build.ipv6(Build.tcp(payload: 100), payloadLength: 0))
    #expect(try decode(frame, .ethernet).segment?.payloadLength == 100)
    #expect(try decode(frame, .ethernet, wireLength: 300_074).segment?.payloadLength == 300_000)
  }

  /// Hop-by-hop options, and what they make of a payload length of 0 in a packet of 200,060 octets.
  private static let jumboPayloads: [(String, UInt32)] = [
    ("06 00 c204 000186a0", 99_972),  // jumbo payload of 100,000
    ("06 01 0000 c204 000186a0 0000 0000 0000", 99_964),  // after two single octets of padding
    ("06 01 0100 c204 000186a0 0104 00000000", 99_964),  // after padding with a length
    ("06 00 0100 c204 0001", 199_992),  // cut by the header's end
    ("06 00 c204 0000ffff", 199_992),  // too small to be one (RFC 2675, 3)
    ("06 00 c203 000186a0", 199_992),  // of the wrong length
    ("06 00 0502 00000100", 199_992),  // router alert
  ]

  @Test(arguments: jumboPayloads)
  func jumboPayload(options: String, payloadLength: UInt32) throws {
    let packet = Build.ipv6(hex(options) + Build.tcp(payload: 4), nextHeader: 0, payloadLength: 0)
    let segment = try #require(try decode(packet, wireLength: 200_060).segment)
    #expect(segment.payloadLength == payloadLength)
  }

  @Test
  func jumboPayloadHoldsOnlyWithoutALength() throws {
    let packet = Build.ipv6(hex("06 00 c204 000186a0") + Build.tcp(payload: 4), nextHeader: 0)
    #expect(try decode(packet).segment?.payloadLength == 4)
  }

  @Test(arguments: [17, 50, 59, 1, 132, 253] as [UInt8])
  func otherProtocols(nextHeader: UInt8) throws {
    #expect(try decode(Build.ipv6(Build.tcp(), nextHeader: nextHeader)).isOther)
  }

  @Test(arguments: [(16, nil), (17, .tooDeep)] as [(Int, DecodeError?)])
  func extensionHeadersAreCounted(count: Int, error: DecodeError?) {
    let chain = (0..<count).flatMap { hex($0 < count - 1 ? "3c 00 0104 00000000" : "06 00 0104 00000000") }
    let packet = Build.ipv6(chain + Build.tcp(), nextHeader: 60)
    expectDecode(packet, .raw, throws: error)
  }
}
