import PacketDecoding
import Testing

/// The ends of a segment are kept in an order of their own, and IPv4's in other places than IPv6's.
struct SegmentEndsTests {
  private static let hosts = [
    IPAddress(ipv4: 0), IPAddress(ipv4: 1), IPAddress(ipv4: 0x7FFF_FFFF), IPAddress(ipv4: .max),
    IPAddress(high: 0, low: 1), IPAddress(high: 0x2001_0DB8 << 32, low: 1), IPAddress(high: .max, low: .max),
  ]
  private static let endpoints = hosts.flatMap { host in
    [UInt16(0), 1, 0x8000, .max].map { Endpoint(address: host, port: $0) }
  }

  @Test(arguments: endpoints)
  func bothDirectionsAgree(one: Endpoint) {
    for other in Self.endpoints {
      let (there, back) = (
        SegmentEnds(source: one, destination: other), SegmentEnds(source: other, destination: one)
      )
      #expect((there.source, there.destination) == (one, other))
      #expect((back.source, back.destination) == (other, one))
      #expect((there.first, there.second) == (back.first, back.second))
      #expect((there.words, there.ports, there.areIPv4) == (back.words, back.ports, back.areIPv4))
      #expect(there.areIPv4 == (one.address.isIPv4 && other.address.isIPv4))
      #expect(one == other || there.senderIsSecond != back.senderIsSecond)
    }
  }

  /// As they stand in the headers of a usual frame, also where addresses alone do not tell an order.
  @Test(arguments: endpoints.filter(\.address.isIPv4))
  func areTheSameFromHeaders(one: Endpoint) throws {
    for other in Self.endpoints where other.address.isIPv4 {
      var packet = Build.ipv4(
        Build.tcp(),
        from: Self.octets(UInt32(truncatingIfNeeded: one.address.low)),
        to: Self.octets(UInt32(truncatingIfNeeded: other.address.low))
      )
      packet.replaceSubrange(20..<24, with: Self.octets(UInt32(one.port) << 16 | UInt32(other.port)))
      let ends = try #require(try decode(Build.ethernet(0x0800, packet), .ethernet).segment).ends
      let expected = SegmentEnds(source: one, destination: other)
      #expect((ends.words, ends.ports, ends.areIPv4) == (expected.words, expected.ports, expected.areIPv4))
      #expect((ends.source, ends.destination) == (one, other))
      #expect(ends.senderIsSecond == expected.senderIsSecond)
    }
  }

  private static func octets(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
  }

  @Test func onlyAcknowledgmentsWithAWindowJustGoOn() {
    for rawValue in UInt8.min...UInt8.max {
      for window in [UInt16(0), 1, 0x7FFF, .max] {
        for checksum in [ChecksumVerdict.unverified, .good, .bad] {
          let segment = Segment(
            source: serverIPv4,
            destination: clientIPv6,
            sequence: SequenceNumber(0),
            flags: TCPFlags(rawValue: rawValue),
            window: window,
            checksum: checksum
          )
          #expect((segment.flags.rawValue, segment.window, segment.checksum) == (rawValue, window, checksum))
          #expect(segment.mayJustGoOn == (segment.flags.isBareACK && window > 0 && checksum != .bad))
        }
      }
    }
  }
}
