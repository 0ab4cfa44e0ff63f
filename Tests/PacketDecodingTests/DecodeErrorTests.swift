import PacketDecoding
import Testing

struct DecodeErrorTests {
  @Test(
    arguments: [
      (.truncated(.tcp, need: 20, have: 12), "truncated_tcp", "TCP header: need 20 bytes, have 12"),
      (
        .truncated(.ipv6Extension, need: 8, have: 0), "truncated_ipv6_extension",
        "IPv6 extension header: need 8 bytes, have 0"
      ),
      (
        .truncated(.linuxCooked, need: 16, have: 1), "truncated_linux_cooked",
        "Linux cooked header: need 16 bytes, have 1"
      ),
      (
        .malformed(.ipv4, .totalLength), "malformed_ipv4_total_length",
        "IPv4 header: total length shorter than the headers"
      ),
      (.malformed(.tcp, .headerLength), "malformed_tcp_header_length", "TCP header: header length below the minimum"),
      (.malformed(.ipv6, .address), "malformed_ipv6_address", "IPv6 header: an IPv4-mapped address"),
      (.malformed(.gre, .version), "malformed_gre_version", "GRE header: wrong version"),
      (.unsupportedLinkType(105), "unsupported_link_type", "link type 105 is not supported"),
      (.tooDeep, "too_deep", "too many headers inside each other"),
    ] as [(DecodeError, String, String)]
  )
  func text(error: DecodeError, reason: String, description: String) {
    #expect(error.reason == reason)
    #expect(error.description == description)
  }

  @Test
  func everyErrorHasACounterOfItsOwn() {
    typealias Layer = DecodeError.Layer
    var errors = Layer.allCases.map { DecodeError.truncated($0, need: 2, have: 1) }
    errors += Layer.allCases.flatMap { layer in
      DecodeError.Fault.allCases.map { DecodeError.malformed(layer, $0) }
    }
    errors += [.unsupportedLinkType(1), .tooDeep]
    #expect(errors.map(\.counterIndex) == Array(0..<DecodeError.counterCount))
    #expect(Set(errors.map(\.reason)).count == errors.count)
    #expect(errors.map { DecodeError.reason(ofCounter: $0.counterIndex) } == errors.map(\.reason))
  }

  @Test(arguments: [-1, DecodeError.counterCount, .max, .min])
  func indexOutOfRange(index: Int) {
    #expect(DecodeError.reason(ofCounter: index) == "unknown")
  }

  @Test
  func lengthsDoNotMakeANewCounter() {
    let errors: [DecodeError] = [.truncated(.tcp, need: 20, have: 1), .truncated(.tcp, need: 60, have: 40)]
    #expect(errors[0].counterIndex == errors[1].counterIndex)
  }
}
