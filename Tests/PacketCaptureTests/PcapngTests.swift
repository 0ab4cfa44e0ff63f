import PacketDecoding
import Testing

@testable import PacketCapture

@Suite struct PcapngTests {
  @Test("Packets of all three kinds, in either byte order", arguments: [false, true])
  func packets(bigEndian: Bool) throws {
    let file = PcapngBuilder(bigEndian: bigEndian)
    let content =
      file.section() + file.interface(1)
      + file.enhanced(0, ticks: 1_700_000_000_000_001, [1, 2, 3], wire: 60)
      + file.obsolete(0, ticks: 1_700_000_000_000_002, [4])
      + file.simple([5, 6])
    let (frames, damage, _) = try readFile(content)
    #expect(
      frames == [
        ReadFrame(1_700_000_000_000_001_000, [1, 2, 3], wire: 60),
        ReadFrame(1_700_000_000_000_002_000, [4]),
        // It carries no time of its own.
        ReadFrame(1_700_000_000_000_002_000, [5, 6]),
      ]
    )
    #expect(damage == nil)
  }

  @Test("A simple packet is cut by the interface's snapshot length")
  func simpleSnapLength() throws {
    let file = PcapngBuilder()
    let content = file.section() + file.interface(1, snapLength: 2) + file.simple([1, 2, 3, 4], wire: 1500)
    #expect(try readFile(content).frames == [ReadFrame(0, [1, 2], wire: 1500)])
  }

  @Test("Interfaces of different link types, with names")
  func interfaces() throws {
    let file = PcapngBuilder()
    let content =
      file.section()
      + file.interface(1, options: file.option(2, Array("eth0".utf8)) + file.option(0, []))
      + file.interface(276, options: file.option(2, Array("any".utf8)))
      + file.enhanced(1, ticks: 0, [1]) + file.enhanced(0, ticks: 0, [2])
      + file.interface(14)
      + file.enhanced(2, ticks: 0, [3])
    let (frames, damage, interfaces) = try readFile(content)
    #expect(frames.map(\.interface) == [1, 0, 2])
    #expect(
      interfaces == [
        CaptureInterface(name: "eth0", linkType: .ethernet),
        CaptureInterface(name: "any", linkType: .linuxCooked2),
        CaptureInterface(name: "", linkType: .raw),
      ]
    )
    #expect(damage == nil)
  }

  @Test("Interfaces declared before the first packet are known at once")
  func interfacesAtOpening() throws {
    let file = PcapngBuilder()
    let content = file.section() + file.interface(1) + file.interface(101) + file.enhanced(1, ticks: 0, [1])
    let temporary = try TemporaryFile(content)
    let capture = try SaveFile(path: temporary.path)
    #expect(capture.interfaces.count == 2)
    #expect(capture.linkType(of: 1) == .raw)
    #expect(capture.linkType(of: 2) == nil)
  }

  @Test("Sections number their interfaces anew, may change byte order, and share equal interfaces")
  func sections() throws {
    let little = PcapngBuilder()
    let big = PcapngBuilder(bigEndian: true)
    let content =
      little.section() + little.interface(1) + little.enhanced(0, ticks: 1, [1])
      + big.section() + big.interface(101) + big.interface(1)
      + big.enhanced(0, ticks: 2, [2]) + big.enhanced(1, ticks: 3, [3])
    let (frames, damage, interfaces) = try readFile(content)
    #expect(frames.map(\.interface) == [0, 1, 0])
    #expect(frames.map(\.nanoseconds) == [1000, 2000, 3000])
    #expect(interfaces.map(\.linkType) == [.ethernet, .raw])
    #expect(damage == nil)
  }

  @Test("The time resolution and offset of an interface")
  func resolution() throws {
    let file = PcapngBuilder()
    let nanoseconds = file.option(9, [9]) + file.option(14, octets(Int64(-10)))
    let content =
      file.section() + file.interface(1, options: nanoseconds)
      + file.enhanced(0, ticks: 1_700_000_000_123_456_789, [1])
    #expect(try readFile(content).frames.first?.nanoseconds == 1_699_999_990_123_456_789)
  }

  @Test("Blocks of no interest are passed over, whatever their length")
  func unknownBlocks() throws {
    let file = PcapngBuilder()
    let content =
      file.section() + file.block(4, [1, 2, 3]) + file.interface(1)
      + file.block(0x0bad_beef, [UInt8](repeating: 0, count: 3_000_000))
      + file.enhanced(0, ticks: 1, [1]) + file.block(5, [])
    let (frames, damage, _) = try readFile(content)
    #expect(frames == [ReadFrame(1000, [1])])
    #expect(damage == nil)
  }

  @Test("Damage is told with its offset", arguments: Damaged.all)
  func damage(_ fixture: Damaged) throws {
    let (frames, damage, _) = try readFile(fixture.prefix + fixture.block)
    #expect(frames.count == 1)
    #expect(damage?.offset == UInt64(fixture.prefix.count))
    #expect(damage?.reason == fixture.reason)
  }

  struct Damaged: Sendable, CustomTestStringConvertible {
    let block: [UInt8]
    let reason: String
    let prefix = file.section() + file.interface(1) + file.enhanced(0, ticks: 1, [1])

    var testDescription: String { reason }

    private static let file = PcapngBuilder()

    static let all = [
      Damaged(block: hex("06000000 08000000 00000000"), reason: "a block of type 6 claims 8 octets"),
      Damaged(block: hex("99000000 0e000000 00000000 0000"), reason: "a block of type 153 claims 14 octets"),
      Damaged(block: hex("06000000 ffffff7f 00000000"), reason: "a block of type 6 claims 2147483647 octets"),
      Damaged(
        block: Array(file.enhanced(0, ticks: 1, [1]).dropLast(4)) + hex("ffffffff"),
        reason: "the two lengths of a block differ"
      ),
      Damaged(block: file.enhanced(7, ticks: 1, [1]), reason: "a packet of interface 7, which was not declared"),
      Damaged(
        block: file.block(6, octets(UInt32(0)) + hex("00000000 00000000 ff000000 ff000000")),
        reason: "a packet claims 255 octets in a block of 32"
      ),
      Damaged(block: file.section(major: 2), reason: "a section of unknown version 2"),
      Damaged(
        block: file.block(0x0a0d_0d0a, [UInt8](repeating: 0, count: 16)),
        reason: "a section without byte-order magic"
      ),
      Damaged(block: file.interface(1, options: hex("0200ff00")), reason: "an interface option runs past its block"),
      Damaged(
        block: file.interface(1, options: file.option(9, [200])),
        reason: "an interface with unusable time resolution"
      ),
      Damaged(block: file.block(0x99, [0, 0, 0, 0]).dropLast(2), reason: "the file ends inside a block of 16 octets"),
    ]
  }
}

@Suite struct TickClockTests {
  @Test(
    "Ticks become nanoseconds",
    arguments: [
      (6, 1_500_000, 1_500_000_000),
      (9, 7, 7),
      (0, 3, 3_000_000_000),
      (3, 1, 1_000_000),
      // Finer than nanoseconds: rounded down.
      (12, 1_999, 1),
      // Powers of two.
      (0x80 | 10, 512, 500_000_000),
      (0x80 | 32, 1 << 32 | 1 << 31, 1_500_000_000),
      (19, 10_000_000_000_000_000_000, 1_000_000_000),
    ] as [(UInt8, UInt64, Int64)]
  )
  func resolution(resolution: UInt8, ticks: UInt64, nanoseconds: Int64) throws {
    let clock = try #require(TickClock(resolution: resolution, offsetSeconds: 0))
    #expect(clock.timestamp(ticks: ticks).nanoseconds == nanoseconds)
  }

  @Test("Times out of range are clamped")
  func clamped() throws {
    let seconds = try #require(TickClock(resolution: 0, offsetSeconds: 0))
    #expect(seconds.timestamp(ticks: .max).nanoseconds == TickClock.last)
    let early = try #require(TickClock(resolution: 6, offsetSeconds: .min))
    #expect(early.timestamp(ticks: 0).nanoseconds == -TickClock.last)
    let late = try #require(TickClock(resolution: 0, offsetSeconds: .max))
    #expect(late.timestamp(ticks: .max).nanoseconds == TickClock.last)
    #expect(TickClock.microseconds.timestamp(ticks: .max).nanoseconds == TickClock.last)
  }

  @Test("Resolutions that 64 bits cannot count are refused")
  func refused() {
    for resolution: UInt8 in [20, 127, 0x80 | 64, 255] {
      #expect(TickClock(resolution: resolution, offsetSeconds: 0) == nil)
    }
  }
}
