import PacketDecoding
import Testing

struct TCPOptionsTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let list: String
    var present: UInt8 = 0
    var maximumSegmentSize: UInt16 = 0
    var windowScale: UInt8 = 0
    var timestamps: (UInt32, UInt32) = (0, 0)
  }

  private static let mss: UInt8 = 1
  private static let scale: UInt8 = 2
  private static let sack: UInt8 = 4
  private static let times: UInt8 = 8
  private static let fastOpen: UInt8 = 16
  private static let damaged: UInt8 = 128

  static let cases = [
    Case(testDescription: "none", list: ""),
    Case(testDescription: "MSS", list: "020405b4", present: mss, maximumSegmentSize: 1460),
    Case(testDescription: "window scale", list: "03030701", present: scale, windowScale: 7),
    Case(testDescription: "largest window scale", list: "03030e00", present: scale, windowScale: 14),
    Case(testDescription: "window scale read as 14", list: "0303ff00", present: scale, windowScale: 14),
    Case(testDescription: "SACK permitted", list: "04020101", present: sack),
    Case(testDescription: "timestamps", list: "080a 00000001 00000002 0101", present: times, timestamps: (1, 2)),
    Case(
      testDescription: "aligned timestamps",
      list: "0101080a fffffffe 00000002",
      present: times,
      timestamps: (0xFFFF_FFFE, 2)
    ),
    Case(
      testDescription: "aligned timestamps and SACK",
      list: "0101080a 00000001 00000002 0101050a 00000001 00000002",
      present: times,
      timestamps: (1, 2)
    ),
    Case(
      testDescription: "as Linux sends a SYN",
      list: "020405b4 0402080a 00000001 00000000 01030307",
      present: mss | scale | sack | times,
      maximumSegmentSize: 1460,
      windowScale: 7,
      timestamps: (1, 0)
    ),
    Case(
      testDescription: "as Linux does, with a scale that is too large",
      list: "020405b4 0402080a 00000001 00000002 0103030f",
      present: mss | scale | sack | times,
      maximumSegmentSize: 1460,
      windowScale: 14,
      timestamps: (1, 2)
    ),
    Case(
      testDescription: "as Linux does, with more behind",
      list: "020405b4 0402080a 00000001 00000002 01030307 22020101",
      present: mss | scale | sack | times | fastOpen,
      maximumSegmentSize: 1460,
      windowScale: 7,
      timestamps: (1, 2)
    ),
    Case(
      testDescription: "nearly as Linux does",
      list: "020405b4 0402080a 00000001 00000002 03030701",
      present: mss | scale | sack | times,
      maximumSegmentSize: 1460,
      windowScale: 7,
      timestamps: (1, 2)
    ),
    Case(testDescription: "Fast Open request", list: "2202 0101", present: fastOpen),
    Case(testDescription: "Fast Open cookie", list: "220a 0102030405060708 0101", present: fastOpen),
    Case(testDescription: "Fast Open, experiment", list: "fe04f989", present: fastOpen),
    Case(testDescription: "another experiment", list: "fe04 e2d4"),
    Case(testDescription: "unknown", list: "1e0c 0081 0102030405060708", present: 0),
    Case(
      testDescription: "nothing after the end of the list",
      list: "020405b4 00030307",
      present: mss,
      maximumSegmentSize: 1460
    ),
    Case(testDescription: "the last of two", list: "020405b4 02040218", present: mss, maximumSegmentSize: 536),
    Case(testDescription: "length 0", list: "020405b4 03000000", present: mss | damaged, maximumSegmentSize: 1460),
    Case(testDescription: "length 1", list: "04010101", present: damaged),
    Case(
      testDescription: "beyond the header",
      list: "020405b4 0101080a",
      present: mss | damaged,
      maximumSegmentSize: 1460
    ),
    Case(testDescription: "no room for a length", list: "01010104", present: damaged),
    Case(testDescription: "MSS of the wrong length", list: "0206 05b4 0000 0402", present: sack | damaged),
    Case(
      testDescription: "Fast Open cookie too long",
      list: "2213" + String(repeating: "00", count: 18),
      present: damaged
    ),
  ]

  @Test(arguments: cases)
  func list(of expected: Case) throws {
    let packet = Build.ipv4(Build.tcp(.syn, options: hex(expected.list), payload: 3))
    let segment = try #require(try decode(packet).segment)
    #expect(segment.options.present.rawValue == expected.present)
    #expect(segment.options.maximumSegmentSize == expected.maximumSegmentSize)
    #expect(segment.options.windowScale == expected.windowScale)
    #expect(segment.options.timestampValue == expected.timestamps.0)
    #expect(segment.options.timestampEcho == expected.timestamps.1)
    #expect(segment.payloadLength == UInt32(3 + hex(expected.list).count % 4))
  }

  /// Options of 20 octets of which a snap length leaves the first few.
  private static let cuts: [(Int, UInt8)] = [
    (20, mss | scale | sack | times),
    (19, mss | sack | times | damaged),
    (16, mss | sack | times | damaged),
    (15, mss | sack | damaged),
    (8, mss | sack | damaged),
    (7, mss | damaged | sack),
    (5, mss | damaged),
    (4, mss | damaged),
    (3, damaged),
    (0, damaged),
  ]

  @Test(arguments: cuts)
  func snapLength(left: Int, present: UInt8) throws {
    let options = hex("020405b4 0402080a 00000001 00000000 01030307")
    let packet = Build.ipv4(Build.tcp(.syn, options: options, payload: 5))
    let segment = try #require(try decode(Array(packet.prefix(40 + left)), wireLength: packet.count).segment)
    #expect(segment.options.present.rawValue == present)
    #expect(segment.payloadLength == 5)
  }

  @Test
  func accessorsReadTheirBits() {
    let all = TCPOptions.Present(rawValue: 0xFF)
    let none = TCPOptions.Present(rawValue: 0)
    for accessor in [
      \TCPOptions.Present.maximumSegmentSize, \.windowScale, \.sackPermitted, \.timestamps, \.fastOpen, \.damaged,
    ] {
      #expect(all[keyPath: accessor] && !none[keyPath: accessor])
    }
  }
}
