import PacketDecoding
import Testing

/// What every fixture has in common, whatever is around the segment.
struct FixtureTests {
  @Test(arguments: Fixture.linkLayers + Fixture.networkLayers)
  func segmentOutsideOfTunnels(fixture: Fixture) throws {
    let segment = try #require(try fixture.decode().segment)
    expectTheSegment(segment, of: fixture)
    #expect(segment.scope == 0)
  }

  @Test(arguments: Fixture.tunnels)
  func segmentInATunnel(fixture: Fixture) throws {
    let segment = try #require(try fixture.decode().segment)
    expectTheSegment(segment, of: fixture)
    #expect(segment.scope != 0)
  }

  @Test(arguments: Fixture.tunnels)
  func tunnelsStayClosedWhenNotAskedFor(fixture: Fixture) throws {
    var options = DecoderOptions()
    options.decapsulates = false
    #expect(try fixture.decode(options).isOther)
  }

  @Test(arguments: Fixture.linkLayers + Fixture.networkLayers + Fixture.tunnels)
  func checksumIsGood(fixture: Fixture) throws {
    var options = DecoderOptions()
    options.verifiesChecksums = true
    #expect(try fixture.decode(options).segment?.checksum == .good)
  }

  @Test(arguments: Fixture.linkLayers + Fixture.networkLayers + Fixture.tunnels)
  func checksumIsBadWhenAnOctetOfThePayloadChanges(fixture: Fixture) throws {
    var options = DecoderOptions()
    options.verifiesChecksums = true
    var frame = fixture.frame
    frame[frame.count - 1] ^= 1
    #expect(try decode(frame, fixture.linkType, options).segment?.checksum == .bad)
  }

  @Test(arguments: Fixture.linkLayers + Fixture.networkLayers + Fixture.tunnels)
  func paddingIsNoPayload(fixture: Fixture) throws {
    let padded = fixture.frame + [UInt8](repeating: 0, count: 7)
    let segment = try decode(padded, fixture.linkType).segment
    #expect(segment?.payloadLength == 5)
  }

  private func expectTheSegment(_ segment: Segment, of fixture: Fixture) {
    let isIPv4 = if case .ipv4 = fixture.content { true } else { false }
    #expect(segment.source == (isIPv4 ? clientIPv4 : clientIPv6))
    #expect(segment.destination == (isIPv4 ? serverIPv4 : serverIPv6))
    #expect(segment.sequence == SequenceNumber(0x0102_0304))
    #expect(segment.acknowledgment == SequenceNumber(0x0A0B_0C0D))
    #expect(segment.flags == .psh | .ack)
    #expect(segment.window == 502)
    #expect(segment.payloadLength == 5)
    #expect(segment.options == TCPOptions())
    #expect(segment.checksum == .unverified)
  }
}
