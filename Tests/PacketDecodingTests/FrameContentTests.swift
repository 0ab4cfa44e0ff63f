import PacketDecoding
import Testing

/// Decoding into a segment of the caller's.
struct FrameContentTests {
  private static let before = Segment(
    source: serverIPv6,
    destination: clientIPv6,
    sequence: SequenceNumber(9),
    flags: .rst
  )

  /// The content of the frame, and what has become of a segment that was `before`.
  private func decodeInto(
    _ frame: [UInt8],
    _ linkType: LinkType
  ) -> (content: Result<FrameContent, DecodeError>, segment: Segment) {
    var segment = Self.before
    let decoder = FrameDecoder(linkType: linkType)
    let content = Result { () throws(DecodeError) in
      // The array outlives the call.
      try unsafe decoder.decode(frame.span.bytes, wireLength: UInt32(frame.count), into: &segment)
    }
    return (content, segment)
  }

  @Test(arguments: Fixture.linkLayers + Fixture.networkLayers + Fixture.tunnels)
  func everyFieldOfASegmentIsWritten(fixture: Fixture) throws {
    let (content, segment) = decodeInto(fixture.frame, fixture.linkType)
    guard case .success(.segment) = content else {
      Issue.record("no segment: \(content)")
      return
    }
    #expect(String(describing: segment) == String(describing: try #require(try fixture.decode().segment)))
  }

  @Test(arguments: Fixture.icmpErrors)
  func quotedSegment(fixture: Fixture) throws {
    let (content, segment) = decodeInto(fixture.frame, fixture.linkType)
    let error = try #require(try fixture.decode().icmpError)
    guard case .success(.icmpError(let kind, let reporter)) = content else {
      Issue.record("no ICMP error: \(content)")
      return
    }
    #expect((kind, reporter) == (error.kind, error.reporter))
    #expect((segment.source, segment.destination) == (error.source, error.destination))
    #expect((segment.sequence, segment.scope) == (error.sequence, error.scope))
  }

  @Test(arguments: [
    Build.ipv4(Build.udp(to: 53, []), proto: 17),
    Build.ipv4(Build.tcp(), fragment: 1),
    Build.ipv4(Build.tcp(dataOffset: 4)),
    Build.ipv4(Build.tcp(dataOffset: 15)),
    Array(Build.ipv4(Build.tcp()).dropLast()),
    [],
  ])
  func otherwiseTheSegmentIsLeftAlone(packet: [UInt8]) {
    let (_, segment) = decodeInto(packet, .raw)
    #expect(String(describing: segment) == String(describing: Self.before))
    let (_, behindEthernet) = decodeInto(Build.ethernet(0x0800, packet), .ethernet)
    #expect(String(describing: behindEthernet) == String(describing: Self.before))
  }
}
