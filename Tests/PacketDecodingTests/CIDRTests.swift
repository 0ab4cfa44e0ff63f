import PacketDecoding
import Testing

struct CIDRTests {
  @Test(arguments: [
    ("10.0.0.0/8", "10.0.0.0/8"), ("192.0.2.7/24", "192.0.2.0/24"), ("0.0.0.0/0", "0.0.0.0/0"),
    ("10.0.0.1", "10.0.0.1/32"), ("::1/128", "::1/128"), ("::1", "::1/128"), ("::/0", "::/0"),
    ("2001:db8:ffff::1/33", "2001:db8:8000::/33"), ("2001:db8::ffff/64", "2001:db8::/64"),
    ("2001:db8::ffff/127", "2001:db8::fffe/127"), ("::ffff:10.1.2.3/104", "10.0.0.0/8"),
    ("::ffff:10.1.2.3", "10.1.2.3/32"),
  ])
  func text(text: String, canonical: String) throws {
    let block = try #require(CIDR(text))
    #expect(block.description == canonical)
    #expect(CIDR(canonical) == block)
  }

  @Test(arguments: [
    "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.0 /8", "10.0.0/8",
    "::/129", "::ffff:10.0.0.0/95", "10.0.0.0/255.0.0.0", "any",
  ])
  func refuses(text: String) {
    #expect(CIDR(text) == nil)
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.0/8", "9.255.255.255", false),
    ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::", false), ("::/0", "1.2.3.4", false),
    ("::/0", "ffff::", true), ("192.0.2.1/32", "192.0.2.1", true), ("192.0.2.1/32", "192.0.2.0", false),
    ("192.0.2.0/31", "192.0.2.1", true), ("2001:db8::/32", "2001:db8:ffff::", true),
    ("2001:db8::/32", "2001:db9::", false), ("2001:db8::/64", "2001:db8::ffff:ffff:ffff:ffff", true),
    ("2001:db8::/64", "2001:db8:0:1::", false), ("2001:db8::/65", "2001:db8:0:0:8000::", false),
    ("::1/128", "::1", true), ("::1/128", "::2", false),
  ])
  func contains(block: String, address: String, expected: Bool) throws {
    #expect(try #require(CIDR(block)).contains(try #require(IPAddress(address))) == expected)
  }

  @Test(arguments: [-1, 33, 129])
  func refusesPrefixLength(length: Int) {
    #expect(CIDR(address: IPAddress(ipv4: 0), prefixLength: length) == nil)
  }
}
