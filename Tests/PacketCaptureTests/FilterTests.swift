import PacketDecoding
import Testing

@testable import PacketCapture

/// A frame and whom it should pass.
struct FilterCase: Sendable, CustomTestStringConvertible {
  let name: String
  var linkType = LinkType.ethernet
  let frame: [UInt8]
  var full = false
  var control = false
  var withoutTunnels: Bool?

  var testDescription: String { name }

  func expected(_ filter: CaptureFilter) -> Bool {
    if !filter.includesTunnels, let withoutTunnels { return withoutTunnels }
    return filter.tier == .control ? control : full
  }
}

@Suite struct FilterTests {
  @Test("A filter passes what can hold TCP, and nothing else", arguments: FilterCase.all)
  func verdict(_ fixture: FilterCase) throws {
    for tier in CaptureTier.allCases {
      for includesTunnels in [true, false] {
        let filter = CaptureFilter(tier: tier, includesTunnels: includesTunnels)
        let code = try #require(filter.program(for: fixture.linkType))
        let program = FilterProgram(instructions: code, linkType: fixture.linkType)
        let passes = unsafe program.matches(fixture.frame.span.bytes, wireLength: UInt32(fixture.frame.count))
        #expect(passes == fixture.expected(filter), "\(filter)")
      }
    }
  }

  @Test("A frame cut anywhere is read without harm", arguments: FilterCase.all)
  func truncated(_ fixture: FilterCase) throws {
    let code = try #require(CaptureFilter(tier: .control).program(for: fixture.linkType))
    let program = FilterProgram(instructions: code, linkType: fixture.linkType)
    for length in 1..<fixture.frame.count {
      let bytes = unsafe fixture.frame.span.bytes
      _ = program.matches(bytes.extracting(0..<length), wireLength: UInt32(fixture.frame.count))
    }
  }

  @Test("There is no program for a link type that is not known")
  func unknownLinkType() {
    #expect(CaptureFilter().program(for: LinkType(rawValue: 105)) == nil)
  }

  @Test("The filter says how much of a frame to keep")
  func snapLength() throws {
    let code = try #require(CaptureFilter(snapLength: 333).program(for: .raw))
    #expect(code.suffix(2).map(\.operand) == [333, 0])
  }

  @Test("A user's expression is compiled for the link type")
  func expression() throws {
    let frame = Frames.ethernet(0x0800, Frames.ipv4(6, Frames.tcp(Frames.syn)))
    for (expression, matches) in [("port 80", true), ("port 81", false), ("host 192.0.2.1 and tcp", true)] {
      let program = try FilterProgram(expression: expression, linkType: .ethernet)
      #expect(unsafe program.matches(frame.span.bytes, wireLength: 54) == matches, "\(expression)")
    }
    let raw = try FilterProgram(expression: "port 80", linkType: .raw)
    #expect(unsafe raw.matches(Array(frame.dropFirst(14)).span.bytes, wireLength: 40))
  }

  @Test("A wrong expression names itself and what libpcap says of it")
  func wrongExpression() throws {
    let error = try #require(throws: CaptureError.self) {
      try FilterProgram(expression: "prot 80", linkType: .ethernet)
    }
    #expect(error.description.contains("'prot 80'"))
    #expect(error.description.contains("syntax error"))
    #expect(!error.description.contains("\n"))
  }
}

extension FilterCase {
  private typealias F = Frames
  private static let vlan = F.tag(0x0800, F.ipv4(6, F.tcp(F.ack)))

  static let all: [FilterCase] = ipv4 + ipv6 + tags + tunnels + links

  private static let ipv4 = [
    FilterCase(name: "SYN", frame: F.ethernet(0x0800, F.ipv4(6, F.tcp(F.syn))), full: true, control: true),
    FilterCase(name: "FIN", frame: F.ethernet(0x0800, F.ipv4(6, F.tcp(F.fin))), full: true, control: true),
    FilterCase(name: "RST", frame: F.ethernet(0x0800, F.ipv4(6, F.tcp(F.rst))), full: true, control: true),
    FilterCase(name: "ACK", frame: F.ethernet(0x0800, F.ipv4(6, F.tcp(F.ack))), full: true),
    FilterCase(
      name: "SYN behind IPv4 options",
      frame: F.ethernet(0x0800, F.ipv4(6, F.tcp(F.syn), options: hex("94040000 01010101"))),
      full: true,
      control: true
    ),
    FilterCase(
      name: "first fragment",
      frame: F.ethernet(0x0800, F.ipv4(6, F.tcp(F.syn), fragment: 0x2000)),
      full: true,
      control: true
    ),
    FilterCase(name: "later fragment", frame: F.ethernet(0x0800, F.ipv4(6, F.tcp(F.syn), fragment: 0x2001))),
    FilterCase(
      name: "don't fragment",
      frame: F.ethernet(0x0800, F.ipv4(6, F.tcp(F.ack), fragment: 0x4000)),
      full: true
    ),
    FilterCase(name: "UDP", frame: F.ethernet(0x0800, F.ipv4(17, F.udp(to: 53)))),
    FilterCase(name: "ARP", frame: F.ethernet(0x0806, hex("0001080006040001") + [UInt8](repeating: 0, count: 20))),
    FilterCase(name: "unreachable", frame: F.ethernet(0x0800, F.ipv4(1, F.icmp(3))), full: true, control: true),
    FilterCase(name: "time exceeded", frame: F.ethernet(0x0800, F.ipv4(1, F.icmp(11))), full: true, control: true),
    FilterCase(name: "parameter problem", frame: F.ethernet(0x0800, F.ipv4(1, F.icmp(12))), full: true, control: true),
    FilterCase(name: "echo", frame: F.ethernet(0x0800, F.ipv4(1, F.icmp(8)))),
  ]

  private static let ipv6 =
    [
      FilterCase(name: "IPv6 SYN", frame: F.ethernet(0x86dd, F.ipv6(6, F.tcp(F.syn))), full: true, control: true),
      FilterCase(name: "IPv6 ACK", frame: F.ethernet(0x86dd, F.ipv6(6, F.tcp(F.ack))), full: true),
      FilterCase(name: "IPv6 UDP", frame: F.ethernet(0x86dd, F.ipv6(17, F.udp(to: 53)))),
      FilterCase(name: "IPv6 echo", frame: F.ethernet(0x86dd, F.ipv6(58, F.icmp(128)))),
      FilterCase(name: "IPv6 type 0", frame: F.ethernet(0x86dd, F.ipv6(58, F.icmp(0)))),
    ]
    + ([0, 43, 44, 51, 60, 135, 139, 140] as [UInt8]).map {
      let header = hex("0600000000000000")
      return FilterCase(
        name: "IPv6 extension \($0)",
        frame: F.ethernet(0x86dd, F.ipv6($0, header + F.tcp(F.ack))),
        full: true,
        control: true
      )
    }
    + (1...4).map {
      FilterCase(name: "ICMPv6 \($0)", frame: F.ethernet(0x86dd, F.ipv6(58, F.icmp($0))), full: true, control: true)
    }

  private static let tags = [
    FilterCase(name: "VLAN", frame: F.ethernet(0x8100, vlan), full: true),
    FilterCase(name: "QinQ", frame: F.ethernet(0x88a8, F.tag(0x8100, vlan)), full: true),
    FilterCase(name: "three tags", frame: F.ethernet(0x9100, F.tag(0x88a8, F.tag(0x8100, vlan))), full: true),
    FilterCase(
      name: "four tags",
      frame: F.ethernet(0x8100, F.tag(0x8100, F.tag(0x8100, F.tag(0x8100, vlan))))
    ),
    FilterCase(
      name: "SYN in VLAN",
      frame: F.ethernet(0x8100, F.tag(0x86dd, F.ipv6(6, F.tcp(F.syn)))),
      full: true,
      control: true
    ),
    FilterCase(name: "UDP in VLAN", frame: F.ethernet(0x8100, F.tag(0x0800, F.ipv4(17, F.udp(to: 53))))),
    FilterCase(
      name: "tag in cooked",
      linkType: .linuxCooked,
      frame: F.cooked(0x8100, vlan),
      full: true
    ),
    FilterCase(
      name: "tag in cooked 2",
      linkType: .linuxCooked2,
      frame: F.cooked2(0x88a8, F.tag(0x8100, vlan)),
      full: true
    ),
  ]

  private static let tunnels = [
    tunnel("MPLS", F.ethernet(0x8847, hex("0001013f") + F.ipv4(6, F.tcp(F.ack)))),
    tunnel("MPLS multicast", F.ethernet(0x8848, hex("0001013f") + F.ipv4(6, F.tcp(F.ack)))),
    tunnel("PPPoE", F.ethernet(0x8864, hex("1100 0001 002a 0021") + F.ipv4(6, F.tcp(F.ack)))),
    tunnel("PPPoE in VLAN", F.ethernet(0x8100, F.tag(0x8864, hex("1100 0001 002a 0021") + F.ipv4(6, F.tcp(F.ack))))),
    tunnel("GRE", F.ethernet(0x0800, F.ipv4(47, hex("00000800") + F.ipv4(6, F.tcp(F.ack))))),
    tunnel("IP in IP", F.ethernet(0x0800, F.ipv4(4, F.ipv4(6, F.tcp(F.ack))))),
    tunnel("6in4", F.ethernet(0x0800, F.ipv4(41, F.ipv6(6, F.tcp(F.ack))))),
    tunnel("4in6", F.ethernet(0x86dd, F.ipv6(4, F.ipv4(6, F.tcp(F.ack))))),
    tunnel("GRE over IPv6", F.ethernet(0x86dd, F.ipv6(47, hex("00000800") + F.ipv4(6, F.tcp(F.ack))))),
    tunnel("VXLAN", F.ethernet(0x0800, F.ipv4(17, F.udp(to: 4789)))),
    tunnel("VXLAN behind options", F.ethernet(0x0800, F.ipv4(17, F.udp(to: 4789), options: hex("01010101")))),
    tunnel("VXLAN of old", F.ethernet(0x0800, F.ipv4(17, F.udp(to: 8472)))),
    tunnel("Geneve over IPv6", F.ethernet(0x86dd, F.ipv6(17, F.udp(to: 6081)))),
    FilterCase(name: "fragment of VXLAN", frame: F.ethernet(0x0800, F.ipv4(17, F.udp(to: 4789), fragment: 1))),
  ]

  private static func tunnel(_ name: String, _ frame: [UInt8]) -> FilterCase {
    FilterCase(name: name, frame: frame, full: true, control: true, withoutTunnels: false)
  }

  private static let links: [FilterCase] = {
    let syn = F.ipv4(6, F.tcp(F.syn))
    let syn6 = F.ipv6(6, F.tcp(F.syn))
    let udp = F.ipv4(17, F.udp(to: 53))
    return [
      FilterCase(name: "cooked", linkType: .linuxCooked, frame: F.cooked(0x0800, syn), full: true, control: true),
      FilterCase(name: "cooked IPv6", linkType: .linuxCooked, frame: F.cooked(0x86dd, syn6), full: true, control: true),
      FilterCase(name: "cooked UDP", linkType: .linuxCooked, frame: F.cooked(0x0800, udp)),
      FilterCase(name: "cooked 2", linkType: .linuxCooked2, frame: F.cooked2(0x0800, syn), full: true, control: true),
      FilterCase(
        name: "cooked 2 IPv6",
        linkType: .linuxCooked2,
        frame: F.cooked2(0x86dd, syn6),
        full: true,
        control: true
      ),
      FilterCase(name: "cooked 2 UDP", linkType: .linuxCooked2, frame: F.cooked2(0x0800, udp)),
      FilterCase(name: "raw", linkType: .raw, frame: syn, full: true, control: true),
      FilterCase(name: "raw IPv6", linkType: .raw, frame: syn6, full: true, control: true),
      FilterCase(name: "raw UDP", linkType: .raw, frame: udp),
      FilterCase(name: "raw, neither version", linkType: .raw, frame: [0x50] + syn.dropFirst()),
      FilterCase(name: "IPv4 only", linkType: .ipv4, frame: syn, full: true, control: true),
      FilterCase(name: "IPv6 only", linkType: .ipv6, frame: syn6, full: true, control: true),
      FilterCase(name: "null", linkType: .null, frame: F.loopback(hex("02000000"), syn), full: true, control: true),
      FilterCase(
        name: "null of a BSD, IPv6",
        linkType: .null,
        frame: F.loopback(hex("0000001e"), syn6),
        full: true,
        control: true
      ),
      FilterCase(name: "loop UDP", linkType: .loop, frame: F.loopback(hex("00000002"), udp)),
    ]
  }()
}
