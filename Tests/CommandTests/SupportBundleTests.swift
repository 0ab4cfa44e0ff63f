import PacketDecoding
import Testing

@testable import tcpstated

@Suite struct AddressPseudonymTests {
  private static let key = SipHash(key: (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908))

  private static func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

  /// From the paper, appendix A.
  @Test func hashIsAsPublished() {
    #expect(Self.key.hash(Array(0..<15)) == 0xA129_CA61_49BE_45E5)
  }

  /// How many first bits two addresses share.
  private static func shared(_ a: IPAddress, _ b: IPAddress) -> Int {
    a.high == b.high ? 64 + (a.low ^ b.low).leadingZeroBitCount : (a.high ^ b.high).leadingZeroBitCount
  }

  @Test func addressesThatShareTheirFirstBitsStillDoAndNoTwoBecomeOne() throws {
    var pseudonyms = AddressPseudonyms(hash: Self.key)
    var addresses = (0..<400).map { IPAddress(ipv4: UInt32.random(in: 0...UInt32.max) >> UInt32($0 % 3)) }
    addresses += (0..<400).map { IPAddress(high: 0x2001_0DB8 << 32 | UInt64($0 % 7), low: .random(in: 0 ... .max)) }
    addresses += try ["10.0.0.1", "10.0.0.2", "10.1.0.1", "fe80::1", "fd00::1", "8.8.8.8", "9.9.9.9"].map(Self.address)
    let all = Set(addresses)
    #expect(Set(all.map { pseudonyms.pseudonym(of: $0) }).count == all.count)
    for a in addresses.prefix(40) + addresses.suffix(40) {
      for b in addresses where a != b {
        #expect(Self.shared(pseudonyms.pseudonym(of: a), pseudonyms.pseudonym(of: b)) == Self.shared(a, b), "\(a) \(b)")
      }
    }
  }

  @Test(arguments: [
    ("10.1.2.3", "10.0.0.0/8"), ("172.17.0.2", "172.16.0.0/12"), ("192.168.1.1", "192.168.0.0/16"),
    ("169.254.1.1", "169.254.0.0/16"), ("100.64.1.1", "100.64.0.0/10"), ("239.1.2.3", "224.0.0.0/4"),
    ("fe80::1", "fe80::/10"), ("fd00::1", "fc00::/7"), ("ff02::1", "ff00::/8"), ("2001:db8::1", "2000::/3"),
  ])
  func whatKindItIsStays(_ text: String, _ kind: String) throws {
    let block = try #require(CIDR(kind))
    let address = try Self.address(text)
    var pseudonyms = AddressPseudonyms(hash: Self.key)
    #expect(block.contains(pseudonyms.pseudonym(of: address)))
    #expect(pseudonyms.pseudonym(of: address) != address)
    var others = AddressPseudonyms(hash: SipHash(key: (1, 2)))
    #expect(others.pseudonym(of: address) != pseudonyms.pseudonym(of: address))
  }

  @Test(arguments: ["127.0.0.1", "127.1.2.3", "::1", "::", "0.0.0.0", "255.255.255.255"])
  func whatNamesNobodyStays(_ text: String) throws {
    var pseudonyms = AddressPseudonyms(hash: Self.key)
    #expect(pseudonyms.pseudonym(of: try Self.address(text)) == (try Self.address(text)))
  }

  /// Public addresses never become private ones, nor the other way round.
  @Test func publicStaysPublic() throws {
    let blocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "224.0.0.0/4"].compactMap { CIDR($0) }
    var pseudonyms = AddressPseudonyms(hash: Self.key)
    for number in stride(from: UInt32(0), to: 0xFFFF_0000, by: 9_999_991) {
      let address = IPAddress(ipv4: number)
      for block in blocks {
        #expect(block.contains(address) == block.contains(pseudonyms.pseudonym(of: address)), "\(address)")
      }
    }
  }
}

@Suite struct PseudonymTests {
  private func replace(_ text: String, hiding names: [(String, Pseudonyms.Kind)] = []) -> String {
    var pseudonyms = Pseudonyms(hidesAddresses: true, hidesNames: true)
    for (name, kind) in names { pseudonyms.hide(name, kind) }
    return String(decoding: pseudonyms.replace(in: Array(text.utf8)), as: UTF8.self)
  }

  @Test(arguments: [
    ("at 10.1.2.3:8081, from 10.1.2.4.", "10.1.2."), (#"{"service":"[fd00:12::1]:443"}"#, "fd00:12:"),
    ("fd00:12::1:8080", "fd00:12::1"), ("peer: 10.1.0.0/16", "10.1."), ("x=203.0.113.7", "203.0.113.7"),
    ("(192.168.7.7)", "192.168.7."), ("::ffff:10.1.2.3", "10.1.2.3"), ("10.1.2.3:80->10.1.2.4:90", "10.1.2."),
    ("<10.1.2.3>", "10.1.2.3"), ("10.1.2.3:", "10.1.2.3"),
  ])
  func noAddressIsLeft(_ text: String, _ address: String) {
    let replaced = replace(text)
    #expect(!replaced.contains(address), "\(replaced)")
    #expect(replaced.filter { !$0.isHexDigit && $0 != "." }.count <= text.count, "\(replaced)")
  }

  @Test(arguments: [
    "2026-11-21T14:30:05.123Z", "tcpstated 0.1.0, libpcap 1.10.3", "127.0.0.1:11060 and [::1]:11060", "a.b.c.d",
    "12:34", "1.2.3", "deadbeef", "Linux 6.18.5-1-amd64", "feed::", "99.9 %", "14:30:05",
  ])
  func whatIsNoAddressStays(_ text: String) {
    #expect(replace(text) == text || text == "feed::")
  }

  @Test func theSameStaysTheSameAndANetworkItsNetwork() throws {
    let words = replace("10.1.2.3 10.1.2.4 10.1.2.3 10.1.0.0/16").split(separator: " ").map(String.init)
    #expect(words[0] == words[2] && words[0] != words[1])
    let network = try #require(CIDR(words[3]))
    #expect(network.contains(try #require(IPAddress(words[0]))) && network.description == words[3])
  }

  @Test func namesAreReplacedAsWords() {
    let names: [(String, Pseudonyms.Kind)] = [("web-1", .host), ("shop.service", .unit), ("web", .label)]
    let text = "web-1 tcpstated[1]: shop.service at web-1.example, web-11 webs tcpstated.service old-shop.service"
    let replaced = replace(text, hiding: names).split(separator: " ").map(String.init)
    #expect(replaced[0].hasPrefix("host-") && replaced[2].hasPrefix("unit-") && replaced[2].hasSuffix(".service"))
    #expect(replaced[4] == replaced[0] + ".example,")
    #expect(replaced[5...7] == ["web-11", "webs", "tcpstated.service"])
    #expect(replaced[8].hasPrefix("unit-") && replaced[8] != replaced[2])
  }

  @Test func whatIsKeptIsKept() {
    var pseudonyms = Pseudonyms(hidesAddresses: false, hidesNames: false)
    pseudonyms.hide("web-1", .host)
    let text = Array("web-1 10.1.2.3 shop.service".utf8)
    #expect(pseudonyms.replace(in: text) == text)
  }
}

@Suite struct SecretsTests {
  @Test(arguments: [
    ("log: {level: info}", "log: {level: info}"), ("  # a comment\nlocal: [] # and why", "local: []"),
    ("hook:\n  secret: abc\n  url: x", "hook:\n  secret: (left out)\n  url: x"),
    ("headers:\n  - a: b\n  - c\nx: 1", "headers: (left out)\nx: 1"), ("token_file: /x # y", "token_file: (left out)"),
    ("name: \"a # b\"", "name: \"a # b\""), ("bearer_token: |\n  abc\n\n  def\nx: 1", "bearer_token: (left out)\nx: 1"),
    ("url: https://u:p@h.example/T0/B1?x=y", "url: https://h.example/(left out)"),
    ("urls: [http://a:1, 'http://b/c']", "urls: [http://a:1, 'http://b/(left out)']"),
  ])
  func leftOut(_ text: String, _ expected: String) {
    #expect(Secrets.leaveOut(of: text) == expected + "\n")
  }
}
