import PacketDecoding
import Testing

struct IPv4Tests {
  private static let packet = Build.ipv4(Build.tcp())

  private static let refusals: [Refusal] = [
    Refusal(packet.dropLast(21), .truncated(.ipv4, need: 20, have: 19)),
    Refusal(packet.dropLast(1), .truncated(.tcp, need: 20, have: 19)),
    Refusal(Build.ipv4(Build.tcp(), totalLength: 39), .truncated(.tcp, need: 20, have: 19)),
    Refusal(Build.ipv4(Build.tcp(), totalLength: 20), .truncated(.tcp, need: 20, have: 0)),
    Refusal(Build.ipv4(Build.tcp(), totalLength: 19), .malformed(.ipv4, .totalLength)),
    Refusal([0x44] + packet.dropFirst(), .malformed(.ipv4, .headerLength)),
    Refusal([0x55] + packet.dropFirst(), .malformed(.ipv4, .version)),
    Refusal(Build.ipv4(Build.tcp(dataOffset: 4)), .malformed(.tcp, .headerLength)),
    Refusal(Build.ipv4(Build.tcp(dataOffset: 6)), .truncated(.tcp, need: 24, have: 20)),
  ]

  @Test(arguments: refusals)
  func refuses(refusal: Refusal) {
    #expect(throws: refusal.error) { try decode(refusal.packet, .ipv4) }
  }

  /// Fragments carry on as far as their TCP header is there; the flag "don't fragment" is none.
  @Test(
    arguments: [
      (0x0000, true), (0x4000, true), (0x2000, true), (0x2001, false), (0x0001, false), (0x1FFF, false),
    ] as [(UInt16, Bool)]
  )
  func fragments(field: UInt16, hasHeader: Bool) throws {
    let frame = try decode(Build.ipv4(Build.tcp(payload: 8), fragment: field))
    #expect(frame.isLaterFragment == !hasHeader)
    #expect((frame.segment?.payloadLength == 8) == hasHeader)
  }

  @Test
  func laterFragmentsOfOtherProtocolsAreOther() throws {
    #expect(try decode(Build.ipv4([1, 2, 3, 4], proto: 17, fragment: 0x0001)).isOther)
  }

  @Test
  func totalLengthZeroIsTheWireLength() throws {
    let packet = Build.ipv4(Build.tcp(payload: 100), totalLength: 0)
    let frame = Build.ethernet(0x0800, packet)
    #expect(try decode(frame, .ethernet).segment?.payloadLength == 100)
    #expect(try decode(frame, .ethernet, wireLength: 200_054).segment?.payloadLength == 200_000)
  }

  @Test
  func ethernetPaddingIsNoPayload() throws {
    let frame = Build.ethernet(0x0800, Build.ipv4(Build.tcp())) + [UInt8](repeating: 0, count: 6)
    #expect(frame.count == 60)
    #expect(try decode(frame, .ethernet).segment?.payloadLength == 0)
  }

  /// The length is that of the IP header, also where the capture, or the file's idea of the wire, holds less.
  @Test(arguments: [40, 41, 1039, 1040])
  func snapLengthDoesNotShortenThePayload(captured: Int) throws {
    let packet = Array(Build.ipv4(Build.tcp(payload: 1000)).prefix(captured))
    #expect(try decode(packet, wireLength: 1040).segment?.payloadLength == 1000)
    #expect(try decode(packet).segment?.payloadLength == 1000)
  }

  @Test(arguments: [2, 17, 50, 132, 137, 255] as [UInt8])
  func otherProtocols(proto: UInt8) throws {
    #expect(try decode(Build.ipv4(Build.tcp(), proto: proto)).isOther)
  }

  @Test
  func authenticationHeaderInAnotherIsTooDeep() {
    let header = hex("33 04 0000 00000001 00000001 000000000000000000000000")
    #expect(throws: DecodeError.tooDeep) { try decode(Build.ipv4(header + header + Build.tcp(), proto: 51)) }
  }
}
