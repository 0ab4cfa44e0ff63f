import PacketDecoding
import Testing

struct LinkLayerTests {
  @Test(
    arguments: [
      (.ethernet, "0200", .truncated(.ethernet, need: 14, have: 2)),
      (.ethernet, "020000000002 020000000001 8100 0064", .truncated(.vlan, need: 4, have: 2)),
      (.ethernet, "020000000002 020000000001 8847 000101", .truncated(.mpls, need: 4, have: 3)),
      (.ethernet, "020000000002 020000000001 8847 00010140", .truncated(.mpls, need: 1, have: 0)),
      (.ethernet, "020000000002 020000000001 8864 1100 0001", .truncated(.pppoe, need: 6, have: 4)),
      (.ethernet, "020000000002 020000000001 8864 2100 0001 0004 0021", .malformed(.pppoe, .version)),
      (.ethernet, "020000000002 020000000001 8864 1100 0001 0004 00", .truncated(.ppp, need: 2, have: 1)),
      (.linuxCooked, "0000 0001 0006 020000000001 0000 08", .truncated(.linuxCooked, need: 16, have: 15)),
      (.linuxCooked2, "0800 0000 00000002 0001 00 06 0200", .truncated(.linuxCooked, need: 20, have: 14)),
      (.null, "020000", .truncated(.loopback, need: 4, have: 3)),
      (.loop, "020000", .truncated(.loopback, need: 4, have: 3)),
      (.raw, "", .truncated(.ipv4, need: 1, have: 0)),
      (.raw, "50", .malformed(.ipv4, .version)),
      (.ipv4, "60", .truncated(.ipv4, need: 20, have: 1)),
      (.ppp, "ff03 00", .truncated(.ppp, need: 2, have: 1)),
      (.ciscoHDLC, "0f00", .truncated(.ppp, need: 4, have: 2)),
      (LinkType(rawValue: 105), "0200", .unsupportedLinkType(105)),
    ] as [(LinkType, String, DecodeError)]
  )
  func refuses(linkType: LinkType, frame: String, error: DecodeError) {
    #expect(throws: error) { try decode(hex(frame), linkType) }
  }

  @Test(
    arguments: [
      (.ethernet, "ffffffffffff 020000000001 0806 0001 0800 0604 0001"),  // ARP
      (.ethernet, "0180c2000000 020000000001 0026 424203 0000"),  // spanning tree
      (.ethernet, "020000000002 020000000001 8863 1109 0000 0000"),  // PPPoE discovery
      (.ethernet, "020000000002 020000000001 8864 11a7 0001 0000"),  // PPPoE terminate
      (.ethernet, "020000000002 020000000001 8864 1100 0001 0004 c021 0901"),  // LCP
      (.ethernet, "020000000002 020000000001 8847 00010140 f0"),  // neither IP nor a control word
      (.linuxCooked, "0000 0001 0006 020000000001 0000 0806"),
      (.linuxCooked2, "0806 0000 00000002 0001 00 06 0200000000010000"),
      (.null, "07000000 4500"),
      (.loop, "02000000 4500"),  // not in network order
    ] as [(LinkType, String)]
  )
  func noIP(linkType: LinkType, frame: String) throws {
    #expect(try decode(hex(frame), linkType).isOther)
  }

  /// A capture library may say less than it gives.
  @Test
  func wireLengthBelowTheCapturedIsNotBelieved() throws {
    let frame = Build.ethernet(0x0800, Build.ipv4(Build.tcp(payload: 5)))
    #expect(try decode(frame, .ethernet, wireLength: 0).segment?.payloadLength == 5)
  }
}
