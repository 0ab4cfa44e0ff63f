import PacketDecoding
import TestNumbers
import Testing

/// The records of payloads in a row, as `type:length`; `lost` where they cannot be followed.
struct RecordCase: CustomTestStringConvertible, Sendable {
  var name: String
  /// Captured octets of each payload, and how many more were on the wire.
  var payloads: [(captured: [UInt8], missing: Int)]
  var expected: String

  var testDescription: String { name }

  private static func record(_ type: UInt8, _ length: Int, captured: Int? = nil) -> [UInt8] {
    [type, 3, 3, UInt8(length >> 8), UInt8(length & 0xFF)] + [UInt8](repeating: 0xAA, count: captured ?? length)
  }

  static let all: [RecordCase] = [
    RecordCase(name: "one", payloads: [(record(22, 100), 0)], expected: "handshake:100"),
    RecordCase(
      name: "three in a payload",
      payloads: [(record(22, 90) + record(20, 1) + record(23, 40), 0)],
      expected: "handshake:90 changeCipherSpec:1 applicationData:40"
    ),
    RecordCase(name: "an alert", payloads: [(record(21, 2), 0)], expected: "alert:2"),
    RecordCase(
      name: "over two payloads",
      payloads: [(record(23, 1000, captured: 600), 0), (Array(record(23, 400).suffix(400)) + record(23, 9), 0)],
      expected: "applicationData:1000 applicationData:9"
    ),
    RecordCase(
      name: "a split header",
      payloads: [([23, 3], 0), ([3, 0, 1, 0xAA], 0), (record(21, 26), 0)],
      expected: "applicationData:1 alert:26"
    ),
    RecordCase(
      name: "a body cut by the snap length",
      payloads: [(record(23, 1000, captured: 200), 800), (record(23, 19), 0)],
      expected: "applicationData:1000 applicationData:19"
    ),
    RecordCase(
      name: "a header beyond the snap length",
      payloads: [(record(23, 300, captured: 200), 300)],
      expected: "applicationData:300 lost"
    ),
    RecordCase(name: "no TLS", payloads: [(Array("GET / HTTP/1.1\r\n".utf8), 0)], expected: "lost"),
    RecordCase(name: "too long", payloads: [([23, 3, 3, 0xFF, 0xFF], 0)], expected: "lost"),
    RecordCase(name: "empty", payloads: [([23, 3, 3, 0, 0], 0)], expected: "lost"),
    RecordCase(name: "SSL 2", payloads: [([0x80, 0x2E, 1, 0, 2], 0)], expected: "lost"),
  ]
}

/// First messages of a handshake.
enum Hello {
  /// TLS 1.3, SNI example.org, ALPN h2 and http/1.1, versions 1.3 and 1.2.
  static let client = hex(
    """
    01 000062 0303
    0000000000000000 0000000000000000 0000000000000000 0000000000000000
    00 0004 13011302 01 00 0035
    0000 0010 000e 00 000b 6578616d706c652e6f7267
    0010 000e 000c 02 6832 08 687474702f312e31
    002b 0005 04 0304 0303
    000a 0002 0017
    """
  )

  /// TLS 1.2, ALPN http/1.1.
  static let server = hex(
    """
    02 000037 0303
    0000000000000000 0000000000000000 0000000000000000 0000000000000000
    00 c02f 00 000f
    0010 000b 0009 08 687474702f312e31
    """
  )
}

struct TLSTests {
  @Test(arguments: RecordCase.all)
  func records(records: RecordCase) {
    var reader = TLSRecordReader()
    var words: [String] = []
    for payload in records.payloads {
      var offset = 0
      let wireLength = payload.captured.count + payload.missing
      reading: while true {
        // The array outlives the call.
        switch unsafe reader.next(payload.captured.span.bytes, wireLength: wireLength, from: &offset) {
        case .record(let record, _): words.append("\(record.type):\(record.length)")
        case .needsMore: break reading
        case .lost:
          words.append("lost")
          break reading
        }
      }
    }
    #expect(words.joined(separator: " ") == records.expected)
  }

  @Test
  func clientHello() throws {
    // The array outlives the call.
    let hello = try #require(unsafe TLSHello(Hello.client.span.bytes, at: 0))
    #expect(hello.sender == .client)
    #expect(hello.namesHTTP2 && hello.namesHTTP1 && hello.namesTLS13 && hello.isWhole)
    let name = Hello.client[Int(hello.nameStart)..<Int(hello.nameStart) + Int(hello.nameLength)]
    #expect(String(decoding: name, as: UTF8.self) == "example.org")
  }

  @Test
  func serverHello() throws {
    // The array outlives the call.
    let hello = try #require(unsafe TLSHello(Hello.server.span.bytes, at: 0))
    #expect(hello.sender == .server)
    #expect(!hello.namesHTTP2 && hello.namesHTTP1 && !hello.namesTLS13 && hello.isWhole)
  }

  /// What is cut says less, and nothing else.
  @Test(arguments: [Hello.client, Hello.server])
  func cutAnywhere(octets: [UInt8]) throws {
    for length in 0..<octets.count - 1 {
      let cut = Array(octets.prefix(length))
      // The array outlives the call.
      guard let hello = unsafe TLSHello(cut.span.bytes, at: 0) else { continue }
      #expect(!hello.isWhole, "cut at \(length)")
    }
  }

  /// A trap ends the test run.
  @Test
  func mutated() {
    var random = SplitMix(state: 7)
    for round in 0..<100_000 {
      var octets = round % 2 == 0 ? Hello.client : Hello.server
      for _ in 0...random.below(4) { octets[random.below(octets.count)] = UInt8(random.below(256)) }
      // The array outlives the calls.
      _ = unsafe TLSHello(octets.span.bytes, at: random.below(4))
      var reader = TLSRecordReader()
      var offset = 0
      for _ in 0..<8 {
        _ = unsafe reader.next(octets.span.bytes, wireLength: random.below(100_000), from: &offset)
        offset = random.below(200)
      }
    }
  }
}
