import PacketDecoding
import Testing

@testable import PacketCapture

@Suite struct PcapTests {
  static let frame = Frames.ethernet(0x0800, Frames.ipv4(6, Frames.tcp(Frames.syn)))

  @Test("Either byte order, microseconds, nanoseconds, and the records of patched Linux 2.2", arguments: [false, true])
  func variants(bigEndian: Bool) throws {
    for (magic, nanoseconds) in [(0xa1b2_c3d4, 5000), (0xa1b2_3c4d, 5), (0xa1b2_cd34, 5000)] as [(UInt32, Int64)] {
      let file = PcapBuilder(bigEndian: bigEndian, magic: magic)
      let content =
        file.header + file.record(1_700_000_000, 5, Self.frame) + file.record(4_294_967_295, 5, [1], wire: 9)
      let (frames, damage, interfaces) = try readFile(content)
      #expect(
        frames == [
          ReadFrame(1_700_000_000_000_000_000 + nanoseconds, Self.frame),
          ReadFrame(4_294_967_295_000_000_000 + nanoseconds, [1], wire: 9),
        ]
      )
      #expect(damage == nil)
      #expect(interfaces == [CaptureInterface(name: "", linkType: .ethernet)])
    }
  }

  @Test("Files of libpcap before 0.4 have the lengths exchanged")
  func exchangedLengths() throws {
    for minor: UInt16 in [2, 3] {
      let file = PcapBuilder(minor: minor)
      let (frames, _, _) = try readFile(file.header + file.record(1, 0, [1, 2], wire: 60))
      #expect(frames == [ReadFrame(1_000_000_000, [1, 2], wire: 60)])
    }
  }

  @Test("A wire length below the captured one is raised to it")
  func wireLength() throws {
    let file = PcapBuilder()
    let (frames, _, _) = try readFile(file.header + file.record(1, 0, [1, 2, 3], wire: 1))
    #expect(frames.first?.wireLength == 3)
  }

  @Test("Numbers of raw IP differ between writers")
  func rawLinkTypes() throws {
    for number: UInt32 in [12, 14, 101, 0xf000_0065] {
      let (_, _, interfaces) = try readFile(PcapBuilder(linkType: number).header)
      #expect(interfaces.first?.linkType == .raw)
    }
  }

  @Test("A file of many buffers, read in batches of any size", arguments: [1, 7, 1000])
  func large(limit: Int) throws {
    let file = PcapBuilder()
    let lengths = (0..<1500).map { ($0 * 997) % 1500 }
    let content = lengths.reduce(into: file.header) { content, length in
      content += file.record(UInt32(length), 0, [UInt8](repeating: UInt8(length % 251), count: length))
    }
    let (frames, damage, _) = try readFile(content, limit: limit)
    #expect(frames.map(\.octets.count) == lengths)
    #expect(frames.allSatisfy { $0.octets.allSatisfy { [count = $0.octets.count] in $0 == UInt8(count % 251) } })
    #expect(damage == nil)
  }

  @Test("A frame larger than the buffer")
  func jumbo() throws {
    let file = PcapBuilder(snapLength: 600_000)
    let big = [UInt8](repeating: 7, count: 600_000)
    let content = file.header + file.record(1, 0, [1]) + file.record(2, 0, big) + file.record(3, 0, [2])
    let (frames, damage, _) = try readFile(content)
    #expect(frames.map(\.octets.count) == [1, 600_000, 1])
    #expect(damage == nil)
  }

  @Test("A record longer than any packet is damage, at its offset")
  func absurdLength() throws {
    let file = PcapBuilder()
    let absurd = [1, 0, 0x7fff_ffff, 60].flatMap { octets($0 as UInt32) }
    let (frames, damage, _) = try readFile(file.header + file.record(1, 0, [1, 2]) + absurd + file.record(3, 0, [4]))
    #expect(frames.count == 1)
    #expect(damage?.offset == UInt64(24 + 18))
    #expect(damage?.reason == "a record claims 2147483647 octets, more than any packet has")
  }

  @Test("A header without packets is an empty capture")
  func empty() throws {
    let (frames, damage, _) = try readFile(PcapBuilder().header)
    #expect(frames.isEmpty)
    #expect(damage == nil)
  }
}
