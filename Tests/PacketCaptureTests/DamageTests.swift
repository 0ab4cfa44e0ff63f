import PacketDecoding
import TestNumbers
import Testing

@testable import PacketCapture

/// Files that end early, and files in which anything may stand.
@Suite struct DamageTests {
  private static let frames = (0..<6).map { index in
    Frames.ethernet(0x0800, Frames.ipv4(6, Frames.tcp(Frames.ack) + [UInt8](repeating: UInt8(index), count: index)))
  }

  private static let pcap: (content: [UInt8], ends: [Int]) = {
    let file = PcapBuilder()
    var content = file.header
    var ends = [content.count]
    for (index, frame) in frames.enumerated() {
      content += file.record(UInt32(index), 0, frame)
      ends.append(content.count)
    }
    return (content, ends)
  }()

  private static let pcapng: (content: [UInt8], ends: [Int], packets: [Int]) = {
    let file = PcapngBuilder()
    var blocks = [file.section(), file.interface(1, options: file.option(2, Array("eth0".utf8))), file.block(4, [1])]
    for frame in frames { blocks.append(file.enhanced(0, ticks: 1, frame)) }
    let ends = blocks.indices.map { blocks[...$0].reduce(0) { $0 + $1.count } }
    return (blocks.flatMap { $0 }, ends, blocks.indices.map { max(0, $0 - 2) })
  }()

  @Test("A pcap file cut anywhere gives all whole records, and says where it is cut")
  func truncatedPcap() throws {
    for length in PcapBuilder().header.count...Self.pcap.content.count {
      let (frames, damage, _) = try readFile(Array(Self.pcap.content.prefix(length)))
      let whole = Self.pcap.ends.lastIndex { $0 <= length } ?? 0
      #expect(frames.map(\.octets) == Array(Self.frames.prefix(whole)))
      #expect(damage?.offset == (Self.pcap.ends[whole] == length ? nil : UInt64(Self.pcap.ends[whole])))
    }
  }

  @Test("A pcapng file cut anywhere likewise")
  func truncatedPcapng() throws {
    for length in Self.pcapng.ends[1]...Self.pcapng.content.count {
      let (frames, damage, _) = try readFile(Array(Self.pcapng.content.prefix(length)))
      let whole = try #require(Self.pcapng.ends.lastIndex { $0 <= length })
      #expect(frames.map(\.octets) == Array(Self.frames.prefix(Self.pcapng.packets[whole])))
      #expect(damage?.offset == (Self.pcapng.ends[whole] == length ? nil : UInt64(Self.pcapng.ends[whole])))
    }
  }

  @Test("What ends inside its header is no capture")
  func truncatedHeader() throws {
    for length in 0..<PcapBuilder().header.count {
      #expect(throws: CaptureError.self) { try readFile(Array(Self.pcap.content.prefix(length))) }
    }
    // The section alone is a capture without interfaces.
    for length in 0..<Self.pcapng.ends[0] {
      #expect(throws: CaptureError.self) { try readFile(Array(Self.pcapng.content.prefix(length))) }
    }
  }

  @Test("A gzip file cut anywhere gives what could be decompressed")
  func truncatedGzip() throws {
    let whole = try TemporaryFile(Self.pcap.content, gzip: true).content()
    var most = 0
    for length in 30..<whole.count {
      guard let result = try? readFile(Array(whole.prefix(length))) else { continue }
      #expect(result.damage?.isCompressed == true)
      #expect(Self.frames.starts(with: result.frames.map(\.octets)))
      most = max(most, result.frames.count)
    }
    #expect(most == Self.frames.count)
  }

  @Test(
    "What follows the last member of a gzip file is told and ignored, unless it begins one",
    arguments: [
      ([], false, false), ([0, 0, 0], false, false), ([0x41], true, false), ([0x1F], true, false),
      (Array("garbage, and more of it".utf8), true, false), ([0x1F, 0x41, 8, 0], true, false),
      ([0x78, 0x9C, 3, 0], true, false), ([0x1F, 0x8B], false, true), ([0x1F, 0x8B, 7], false, true),
      ([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xFF, 0xFF], false, true),
    ] as [([UInt8], Bool, Bool)]
  )
  func trailingOctets(_ rest: [UInt8], _ isIgnored: Bool, _ isDamage: Bool) throws {
    let whole = try TemporaryFile(Self.pcap.content, gzip: true).content()
    let file = try TemporaryFile(whole + rest)
    var capture = try SaveFile(path: file.path)
    #expect(try capture.readAll().map(\.octets) == Self.frames)
    #expect((capture.remark != nil) == isIgnored)
    #expect((capture.damage != nil) == isDamage)
  }

  @Test("50,000 mutations: no trap, no endless loop, and no frame beyond the input")
  func mutations() {
    var random = SplitMix(state: 1)
    for round in 0..<50_000 {
      var content = round % 2 == 0 ? Self.pcap.content : Self.pcapng.content
      for _ in 0..<Int.random(in: 1...8, using: &random) { Self.mutate(&content, &random) }
      let octets = Self.parse(content)
      #expect(octets <= content.count)
    }
  }

  @Test("Mutated files, plain and gzip'd, through the whole reader")
  func mutatedFiles() throws {
    var random = SplitMix(state: 2)
    let compressed = try TemporaryFile(Self.pcapng.content, gzip: true).content()
    for round in 0..<1500 {
      var content = [Self.pcap.content, Self.pcapng.content, compressed][round % 3]
      Self.mutate(&content, &random)
      do {
        let result = try readFile(content)
        #expect(result.frames.reduce(0) { $0 + $1.octets.count } <= Self.pcapng.content.count)
      } catch let error as CaptureError {
        #expect(!error.description.contains("\n"))
      }
    }
  }

  private static func mutate(_ content: inout [UInt8], _ random: inout SplitMix) {
    guard let at = content.indices.randomElement(using: &random) else { return }
    let interesting: [UInt8] = [0, 1, 3, 4, 0x7f, 0x80, 0xff]
    switch Int.random(in: 0..<6, using: &random) {
    case 0: content[at] = UInt8.random(in: 0...255, using: &random)
    case 1: content[at] = interesting.randomElement(using: &random) ?? 0
    case 2: content[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 3: content.removeSubrange(at..<min(content.count, at + Int.random(in: 1...9, using: &random)))
    case 4: content.insert(contentsOf: content[at..<min(content.count, at + 16)], at: at)
    default:
      for offset in at..<min(content.count, at + 4) { content[offset] = 0xff }
    }
  }

  /// Drives a parser as `SaveFile` does, over octets in memory.
  /// - Returns: how many octets of frames it gave.
  private static func parse(_ content: [UInt8]) -> Int {
    let bytes = unsafe content.span.bytes
    var octets = 0
    var at = 0
    let pcap = bytes.byteCount >= 24 ? try? PcapParser(header: bytes) : nil
    var pcapng = PcapngParser()
    if pcap != nil { at = 24 }
    // Every step consumes something or ends: more steps than octets would be a loop.
    for _ in 0...content.count {
      let rest = bytes.extracting(at..<bytes.byteCount)
      let step = Self.step(rest, pcap, &pcapng, &octets)
      at += step.consumed
      switch step.next {
      case .limit, .interface: continue
      case .skip(let count):
        guard count <= content.count - at else { return octets }
        at += Int(count)
      case .needs(let count):
        #expect(count > content.count - at)
        return octets
      case .damage: return octets
      }
    }
    Issue.record("a parser that does not end")
    return octets
  }
  private static func step(
    _ bytes: RawSpan,
    _ pcap: PcapParser?,
    _ pcapng: inout PcapngParser,
    _ octets: inout Int
  ) -> ParseStep {
    var records = [FrameRecord](repeating: .none, count: 3)
    var room = records.mutableSpan
    let step = pcap?.parse(bytes, limit: 3, into: &room) ?? pcapng.parse(bytes, limit: 3, into: &room)
    for record in records.prefix(step.frames) { octets += bytes.extracting(record.range).byteCount }
    return step
  }
}
