import PacketDecoding
import Testing

@testable import Settings

@Suite("Amounts, networks and names")
struct UnitTests {
  @Test(arguments: [
    ("0", 0), ("4096", 4096), ("7B", 7), ("512KiB", 524_288), ("16MiB", 16_777_216), ("1GiB", 1_073_741_824),
    ("", nil), ("MiB", nil), ("1.5MiB", nil), ("16 MiB", nil), ("16M", nil), ("-1", nil), ("+1", nil),
    ("9223372036854775807TiB", nil),
  ])
  func size(_ text: String, _ bytes: Int?) {
    #expect(UnitParsing.size(text) == bytes)
  }

  @Test(arguments: [
    ("0", 0), ("0s", 0), ("250ms", 250), ("5s", 5000), ("2m", 120_000), ("5min", 300_000), ("1h30m", 5_400_000),
    ("1d", 86_400_000), ("1m30s500ms", 90_500), ("", nil), ("5", nil), ("s", nil), ("5 s", nil), ("1.5s", nil),
    ("-5s", nil), ("5s1h", nil), ("1s1s", nil), ("9999999999999999h", nil), ("99999999999999999999s", nil),
  ])
  func duration(_ text: String, _ milliseconds: Int64?) {
    #expect(UnitParsing.duration(text) == milliseconds.map { Seconds(nanoseconds: $0 * 1_000_000) })
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("0.0.0.0/0", "203.0.113.9", true),
    ("0.0.0.0/0", "::1", false), ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7/32", "192.0.2.8", false),
    ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false), ("::/0", "2001:db8::1", true),
    ("2001:db8::/64", "2001:db8::ffff", true), ("2001:db8::/65", "2001:db8:0:0:8000::", false),
  ])
  func network(_ text: String, _ address: String, _ isInside: Bool) throws {
    let network = try #require(Network(text))
    #expect(try network.contains(#require(AddressParsing.address(address))) == isInside)
  }

  @Test(arguments: ["", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.1/8", "::/129", "10.0.0/8", "a/8"])
  func noNetwork(_ text: String) {
    #expect(Network(text) == nil)
  }

  @Test(arguments: [
    "", ":", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:+1", "::1:80", "[127.0.0.1]:80",
  ])
  func noEndpoint(_ text: String) {
    #expect(AddressParsing.endpoint(text) == nil)
  }

  @Test(arguments: [("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("10.0.0.1", false), ("::", false)])
  func loopback(_ text: String, _ isLoopback: Bool) throws {
    #expect(try #require(AddressParsing.address(text)).isLoopback == isLoopback)
  }

  @Test(arguments: [
    ("intrefaces", "interfaces"), ("Log", "log"), ("memory-limit", "memory_limit"), ("mem", nil), ("x", nil), ("", nil),
  ])
  func nearest(_ name: String, _ expected: String?) {
    #expect(NearestName.of(name, in: ["interfaces", "log", "memory_limit"]) == expected)
  }
}
