import PacketDecoding
import Testing

@testable import Alerting

@Suite("Texts")
struct TextTests {
  @Test(arguments: [
    ("plain ünïcode 漢字 \u{1F600}", "plain ünïcode 漢字 \u{1F600}"),
    ("two\nlines\r\n", "two\\u{a}lines\\u{d}\\u{a}"),
    ("\u{1B}[31mred\u{7F}\u{9B}", "\\u{1b}[31mred\\u{7f}\\u{9b}"),
    ("\u{202E}txt.exe\u{2066}\u{200F}\u{61C}", "\\u{202e}txt.exe\\u{2066}\\u{200f}\\u{61c}"),
    ("a\u{2028}b\u{85}", "a\\u{2028}b\\u{85}"),
    ("\\u{a}", "\\u{a}"),
    ("", ""),
  ])
  func escape(_ text: String, _ expected: String) {
    #expect(SafeText.escape(text) == expected)
    #expect(SafeText.escape(SafeText.escape(text)) == expected)
  }

  @Test(arguments: [
    (0, 0, "::"), (0, 1, "::1"), (0, 0xFFFF_0A00_0001, "10.0.0.1"),
    (0x2001_0DB8_0000_0000, 0x1, "2001:db8::1"), (0x2001_0DB8_0000_0001, 0x1, "2001:db8:0:1::1"),
    (0x2001_0000_0000_0001, 0x1_0000_0000_0001, "2001::1:1:0:0:1"),
    (0x0001_0000_0003_0004, 0x0005_0006_0007_0008, "1:0:3:4:5:6:7:8"), (0xFE80_0000_0000_0000, 0, "fe80::"),
  ])
  func address(_ high: UInt64, _ low: UInt64, _ expected: String) {
    #expect(AddressText.text(IPAddress(high: high, low: low)) == expected)
  }

  @Test("An IPv6 endpoint is bracketed")
  func endpoint() {
    #expect(AddressText.text(Endpoint(address: IPAddress(high: 0, low: 1), port: 80)) == "[::1]:80")
    #expect(AddressText.text(web) == "10.0.0.1:8081")
  }

  @Test(arguments: [
    (0, "0"), (312, "312"), (4.5, "4.5"), (4.04, "4"), (123.4, "123"), (-0.5, "-0.5"), (1e300, "1e+300"),
  ])
  func number(_ value: Double, _ expected: String) {
    #expect(FigureText.number(value) == expected)
  }

  @Test(arguments: [
    (0, "0 s"), (250, "250 ms"), (5000, "5 s"), (72000, "1 min 12 s"), (120_000, "2 min"), (7_500_000, "2 h 5 min"),
    (90_000_000, "1 d 1 h"), (-5, "0 s"),
  ])
  func span(_ milliseconds: Int64, _ expected: String) {
    #expect(FigureText.span(Seconds(nanoseconds: milliseconds * 1_000_000)) == expected)
  }
}
