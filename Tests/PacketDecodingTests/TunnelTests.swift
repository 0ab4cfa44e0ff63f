import PacketDecoding
import Testing

struct TunnelTests {
  private static let near: [UInt8] = [10, 0, 0, 1]
  private static let far: [UInt8] = [10, 0, 0, 2]
  private static let elsewhere: [UInt8] = [10, 0, 0, 3]

  private static func gre(key: UInt8? = nil, from source: [UInt8] = near, to destination: [UInt8] = far) -> [UInt8] {
    let inner = Build.ipv4(Build.tcp())
    let header = key.map { hex("2000 0800 000000") + [$0] } ?? hex("0000 0800")
    return Build.ipv4(header + inner, proto: 47, from: source, to: destination)
  }

  private static func vxlan(_ identifier: UInt8, from source: [UInt8] = near, to destination: [UInt8] = far) -> [UInt8]
  {
    let inner = Build.ethernet(0x0800, Build.ipv4(Build.tcp()))
    let datagram = Build.udp(to: 4789, hex("08000000 0000") + [identifier, 0] + inner)
    return Build.ipv4(datagram, proto: 17, from: source, to: destination)
  }

  private static func scope(_ packet: [UInt8]) throws -> UInt32 {
    try #require(try decode(packet).segment).scope
  }

  @Test
  func bothDirectionsShareAScope() throws {
    #expect(try Self.scope(Self.gre()) == Self.scope(Self.gre(from: Self.far, to: Self.near)))
    #expect(try Self.scope(Self.gre(key: 7)) == Self.scope(Self.gre(key: 7, from: Self.far, to: Self.near)))
    #expect(try Self.scope(Self.vxlan(7)) == Self.scope(Self.vxlan(7, from: Self.far, to: Self.near)))
  }

  @Test
  func differentTunnelsHaveDifferentScopes() throws {
    let packets = [
      Build.ipv4(Build.tcp()),
      Build.ipv4(Build.ipv4(Build.tcp()), proto: 4, from: Self.near, to: Self.far),
      Self.gre(), Self.gre(to: Self.elsewhere), Self.gre(key: 7), Self.gre(key: 8),
      Self.gre(from: Self.far, to: Self.far),
      Self.vxlan(7), Self.vxlan(8), Self.vxlan(7, to: Self.elsewhere),
      Build.ipv4(hex("0000 0800") + Self.gre(), proto: 47, from: Self.near, to: Self.far),
      Build.ipv4(hex("0000 0800") + Self.vxlan(7), proto: 47, from: Self.near, to: Self.far),
    ]
    let scopes = try packets.map(Self.scope)
    #expect(Set(scopes).count == packets.count)
    #expect(scopes[0] == 0)
  }

  /// Each end of a PPTP call has its own identifier for it.
  @Test
  func callIdentifiersAreNotPartOfTheScope() throws {
    let packets = ["0042", "0043"].map { call in
      Build.ipv4(hex("3001 880b 0031 \(call) 00000001 ff03 0021") + Build.ipv4(Build.tcp()), proto: 47)
    }
    #expect(try Self.scope(packets[0]) == Self.scope(packets[1]))
  }

  @Test(arguments: [
    "3000 880b",  // PPP over version 0, of no protocol
    "2001 880b 0000 0042",  // version 1, only acknowledges
    "4000 0800 00000000 00000000",  // source routed
    "0000 0000",  // keep-alive
    "0000 00fe 83000000",  // ISO
  ])
  func greWithoutTCP(header: String) throws {
    let packet = Build.ipv4(hex(header) + [UInt8](repeating: 0, count: 40), proto: 47)
    #expect(try decode(packet).isOther)
  }

  @Test(
    arguments: [
      (47, "0007 0800", .malformed(.gre, .version)),
      (47, "0000 08", .truncated(.gre, need: 4, have: 3)),
      (47, "2000 0800 0000", .truncated(.gre, need: 8, have: 6)),
      (47, "1000 88be 00000001 20640064 00000001", .malformed(.gre, .version)),
      (47, "1000 88be 00000001 10640064", .truncated(.gre, need: 8, have: 4)),
      (17, "c350 17c1 0010 0000 4000 0800 000000 00", .malformed(.geneve, .version)),
      (17, "c350 17c1 0010 0000 0100 0800 000000 00", .truncated(.geneve, need: 12, have: 8)),
      (17, "c350 12b5 000f 0000 0800 0000 000000", .truncated(.vxlan, need: 8, have: 7)),
      (17, "c350 12b5 0012 0000 0800 0000 000000 00 0200", .truncated(.ethernet, need: 14, have: 2)),
      (4, "45", .truncated(.ipv4, need: 20, have: 1)),
      (41, "45000000", .truncated(.ipv6, need: 40, have: 4)),
    ] as [(UInt8, String, DecodeError)]
  )
  func refuses(proto: UInt8, payload: String, error: DecodeError) {
    #expect(throws: error) { try decode(Build.ipv4(hex(payload), proto: proto)) }
  }

  @Test(arguments: [
    "c350 12b5 0010 0000 0000 0000 000000 00",  // VXLAN without an identifier
    "c350 0035 0010 0000 0000 0000 000000 00",  // DNS
    "c350 0dd8 0010 0000 6000 0000 000000 00",  // Teredo's port, and too short
    "c350 12b5 0010 00",  // cut
  ])
  func datagramsThatAreNoTunnel(payload: String) throws {
    #expect(try decode(Build.ipv4(hex(payload), proto: 17)).isOther)
  }

  @Test
  func teredoMustFitExactly() throws {
    let inner = Build.ipv6(Build.tcp())
    #expect(try decode(Build.ipv4(Build.udp(to: 3544, inner), proto: 17)).segment != nil)
    #expect(try decode(Build.ipv4(Build.udp(to: 3544, inner + [0]), proto: 17)).isOther)
  }

  /// The inner packet of a mirror that cuts keeps its length.
  @Test
  func innerLengthMayExceedTheOuter() throws {
    let inner = Array(Build.ethernet(0x0800, Build.ipv4(Build.tcp(payload: 1000))).prefix(54))
    let packet = Build.ipv4(Build.udp(to: 4789, hex("08000000 00000700") + inner), proto: 17)
    #expect(try decode(packet).segment?.payloadLength == 1000)
  }

  @Test
  func innerTotalLengthZeroIsTheRestOfTheOuter() throws {
    let packet = Build.ipv4(Build.ipv4(Build.tcp(payload: 9), totalLength: 0), proto: 4)
    #expect(try decode(packet + [0, 0, 0]).segment?.payloadLength == 9)
  }

  @Test(arguments: [(8, nil), (9, .tooDeep), (200, .tooDeep)] as [(Int, DecodeError?)])
  func depthIsLimited(tunnels: Int, error: DecodeError?) {
    let packet = (0..<tunnels).reduce(Build.ipv4(Build.tcp())) { inner, _ in Build.ipv4(inner, proto: 4) }
    expectDecode(packet, .raw, throws: error)
  }

  @Test(arguments: [(8, nil), (9, .tooDeep), (300, .tooDeep)] as [(Int, DecodeError?)])
  func tagsAreLimited(tags: Int, error: DecodeError?) {
    let stack = (0..<tags).flatMap { hex($0 < tags - 1 ? "0001 8100" : "0001 0800") }
    expectDecode(Build.ethernet(0x8100, stack + Build.ipv4(Build.tcp())), .ethernet, throws: error)
  }

  @Test(arguments: [(16, nil), (17, .tooDeep)] as [(Int, DecodeError?)])
  func labelsAreLimited(labels: Int, error: DecodeError?) {
    let stack = (0..<labels).flatMap { hex($0 < labels - 1 ? "00010040" : "00010140") }
    expectDecode(Build.ethernet(0x8847, stack + Build.ipv4(Build.tcp())), .ethernet, throws: error)
  }

  @Test(arguments: [(8, nil), (9, .tooDeep)] as [(Int, DecodeError?)])
  func pseudowiresAreLimited(wires: Int, error: DecodeError?) {
    let innermost = Build.ethernet(0x0800, Build.ipv4(Build.tcp()))
    let frame = (0..<wires).reduce(innermost) { inner, _ in Build.ethernet(0x8847, hex("00010140 00000000") + inner) }
    expectDecode(frame, .ethernet, throws: error)
  }
}
