import PacketDecoding
import TestNumbers
import Testing

/// Whatever the octets: an error or a frame, never a trap. (A trap ends the test run.)
struct RobustnessTests {
  private static let allOptions = [(true, true), (true, false), (false, true)].map { decapsulates, verifies in
    var options = DecoderOptions()
    options.decapsulates = decapsulates
    options.verifiesChecksums = verifies
    return options
  }

  /// What a frame cut by a snap length gives is what the whole frame gives, or an error; never something else.
  @Test(arguments: Fixture.all)
  func cutAtEveryOctet(fixture: Fixture) throws {
    let whole = try fixture.decode()
    for length in fixture.frame.indices {
      let cut = Array(fixture.frame.prefix(length))
      guard let frame = try? decode(cut, fixture.linkType, wireLength: fixture.frame.count) else { continue }
      guard !frame.isOther else { continue }
      #expect(frame.segment?.source == whole.segment?.source, "cut at \(length)")
      #expect(frame.segment?.payloadLength == whole.segment?.payloadLength, "cut at \(length)")
      #expect(frame.icmpError == whole.icmpError, "cut at \(length)")
    }
  }

  /// The same on a wire that carried no more.
  @Test(arguments: Fixture.all)
  func shortAtEveryOctet(fixture: Fixture) {
    for length in fixture.frame.indices {
      for options in Self.allOptions {
        _ = try? decode(Array(fixture.frame.prefix(length)), fixture.linkType, options)
      }
    }
  }

  @Test
  func mutatedFrames() {
    var random = SplitMix(state: 20_261_121)
    let linkTypes = Fixture.all.map(\.linkType)
    var decoded = 0
    for round in 0..<200_000 {
      let fixture = Fixture.all[round % Fixture.all.count]
      var frame = fixture.frame
      for _ in 0...random.below(4) {
        frame[random.below(frame.count)] = UInt8(random.below(256))
      }
      if random.below(4) == 0 { frame.removeLast(random.below(frame.count)) }
      let linkType = random.below(8) == 0 ? linkTypes[random.below(linkTypes.count)] : fixture.linkType
      let wireLength = frame.count + (random.below(4) == 0 ? random.below(Int(UInt32.max / 2)) : 0)
      let options = Self.allOptions[round % Self.allOptions.count]
      if (try? decode(frame, linkType, options, wireLength: wireLength)) != nil { decoded += 1 }
    }
    #expect(decoded > 50_000)
  }

  /// Plain packets have a path of their own behind an Ethernet header. Whatever happens to them, it must say what the
  /// general path says of the packet alone.
  @Test(arguments: [(UInt16(0x0800), LinkType.ipv4, tcpOverIPv4), (0x86DD, .ipv6, tcpOverIPv6)])
  func shortPathAgreesWithTheGeneral(type: UInt16, linkType: LinkType, text: String) {
    var random = SplitMix(state: 7)
    let plain = hex(text)
    for round in 0..<50_000 {
      var packet = plain
      for _ in 0..<random.below(3) {
        packet[random.below(packet.count)] = UInt8(random.below(256))
      }
      if random.below(4) == 0 { packet.removeLast(random.below(packet.count)) }
      let options = Self.allOptions[round % Self.allOptions.count]
      let short = Result { () throws(DecodeError) in
        try decode(Build.ethernet(type, packet), .ethernet, options).withoutEthernetHeader
      }
      let general = Result { () throws(DecodeError) in try decode(packet, linkType, options) }
      #expect(String(describing: short) == String(describing: general), "\(packet)")
    }
  }

  /// Noise with the fields that lead deeper set now and then.
  @Test
  func noise() {
    var random = SplitMix(state: 1)
    let protocols: [UInt8] = [0, 1, 4, 6, 17, 41, 43, 44, 47, 51, 58, 60, 135, 139, 140]
    for _ in 0..<50_000 {
      var packet = (0..<random.below(200)).map { _ in UInt8(random.below(256)) }
      let isIPv6 = random.below(2) == 0
      if packet.count > 40 {
        packet[0] = isIPv6 ? 0x60 : 0x45
        packet[isIPv6 ? 6 : 9] = protocols[random.below(protocols.count)]
        packet[isIPv6 ? 40 : 20] = protocols[random.below(protocols.count)]
        if !isIPv6 { packet.replaceSubrange(6..<8, with: [0, 0]) }
      }
      _ = try? decode(packet, .raw, Self.allOptions[random.below(3)])
    }
  }
}

extension DecodedFrame {
  /// The same with offsets that count from the packet.
  fileprivate var withoutEthernetHeader: DecodedFrame {
    guard case .segment(var segment) = self else { return self }
    segment.payloadOffset -= 14
    return .segment(segment)
  }
}
