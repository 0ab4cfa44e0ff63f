import PacketDecoding
import Testing

struct ICMPTests {
  @Test(arguments: Fixture.icmpErrors)
  func quotes(fixture: Fixture) throws {
    let error = try #require(try fixture.decode().icmpError)
    guard case .icmpError(let kind) = fixture.content else { return }
    #expect(error.kind == kind)
    let isIPv4 = error.reporter.isIPv4
    #expect(error.reporter == IPAddress(isIPv4 ? "203.0.113.9" : "2001:db8::9"))
    #expect(error.source == (isIPv4 ? clientIPv4 : clientIPv6))
    #expect(error.destination == (isIPv4 ? serverIPv4 : serverIPv6))
    #expect(error.sequence == SequenceNumber(0x0102_0304))
    #expect((error.scope != 0) == fixture.testDescription.contains("GRE"))
  }

  @Test(
    arguments: [
      (3, 0, .networkUnreachable), (3, 1, .hostUnreachable), (3, 2, .otherUnreachable), (3, 3, .portUnreachable),
      (3, 4, .packetTooBig), (3, 5, .otherUnreachable), (3, 6, .networkUnreachable), (3, 7, .hostUnreachable),
      (3, 8, .hostUnreachable), (3, 9, .administrativelyProhibited), (3, 10, .administrativelyProhibited),
      (3, 11, .networkUnreachable), (3, 12, .hostUnreachable), (3, 13, .administrativelyProhibited),
      (3, 14, .otherUnreachable), (3, 15, .otherUnreachable), (3, 99, .otherUnreachable), (11, 0, .timeExceeded),
      (11, 1, .timeExceeded), (12, 0, .parameterProblem), (4, 0, nil), (5, 1, nil), (0, 0, nil), (8, 0, nil),
    ] as [(UInt8, UInt8, ICMPError.Kind?)]
  )
  func kinds(type: UInt8, code: UInt8, kind: ICMPError.Kind?) throws {
    let quoted = Build.ipv4(Build.tcp(.syn))
    let frame = try decode(Build.ipv4([type, code] + hex("0000 00000000") + quoted, proto: 1))
    #expect(frame.icmpError?.kind == kind)
    #expect(frame.isOther == (kind == nil))
  }

  @Test(
    arguments: [
      (1, 0, .networkUnreachable), (1, 1, .administrativelyProhibited), (1, 2, .otherUnreachable),
      (1, 3, .hostUnreachable), (1, 4, .portUnreachable), (1, 5, .administrativelyProhibited),
      (1, 6, .administrativelyProhibited), (1, 7, .otherUnreachable), (2, 0, .packetTooBig), (3, 0, .timeExceeded),
      (4, 1, .parameterProblem), (128, 0, nil), (133, 0, nil), (136, 0, nil),
    ] as [(UInt8, UInt8, ICMPError.Kind?)]
  )
  func kindsOfVersion6(type: UInt8, code: UInt8, kind: ICMPError.Kind?) throws {
    let quoted = Build.ipv6(Build.tcp(.syn))
    let frame = try decode(Build.ipv6([type, code] + hex("0000 00000000") + quoted, nextHeader: 58))
    #expect(frame.icmpError?.kind == kind)
    #expect(frame.isOther == (kind == nil))
  }

  @Test(
    arguments: [
      (Build.ipv4(Build.tcp(), proto: 17), nil),
      (Build.ipv4(Build.tcp(), fragment: 0x0001), nil),
      (Array(Build.ipv4(Build.tcp()).prefix(27)), .truncated(.icmp, need: 8, have: 7)),
      (Array(Build.ipv4(Build.tcp()).prefix(19)), .truncated(.icmp, need: 20, have: 19)),
      (Build.ipv6(Build.tcp()), .malformed(.icmp, .version)),
      ([0x44] + Build.ipv4(Build.tcp()).dropFirst(), .malformed(.icmp, .headerLength)),
    ] as [([UInt8], DecodeError?)]
  )
  func quotesNothingOfUse(quoted: [UInt8], error: DecodeError?) throws {
    let packet = Build.ipv4(hex("0301 0000 00000000") + quoted, proto: 1)
    if let error {
      #expect(throws: error) { try decode(packet) }
    } else {
      #expect(try decode(packet).isOther)
    }
  }

  /// Some hosts quote the lengths in their own byte order; the decoder does not look at them.
  @Test
  func quotedLengthDoesNotMatter() throws {
    let quoted = Array(Build.ipv4(Build.tcp(.syn), totalLength: 3).prefix(28))
    #expect(try decode(Build.ipv4(hex("0301 0000 00000000") + quoted, proto: 1)).icmpError != nil)
  }

  @Test
  func errorsOfTheOtherVersionAreOther() throws {
    let quoted = hex("0300 0000 00000000") + Build.ipv4(Build.tcp())
    #expect(try decode(Build.ipv6(quoted, nextHeader: 1)).isOther)
    #expect(try decode(Build.ipv4(quoted, proto: 58)).isOther)
  }
}
