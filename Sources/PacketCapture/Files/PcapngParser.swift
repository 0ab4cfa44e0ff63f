internal import PacketDecoding

/// The block-structured format (draft-ietf-opsawg-pcapng). libpcap refuses files whose interfaces differ in link type;
/// here each frame names its interface and each interface has its own.
struct PcapngParser {
  /// In the order of their first declaration. Sections that declare the same interface again share its entry.
  private(set) var interfaces: [CaptureInterface] = []

  private var swapped = false
  /// The interfaces of the section that is being read, by their number in it.
  private var section: [SectionInterface] = []
  private var known: [SectionInterface.Key: UInt16] = [:]
  /// Simple packets carry no time: they get that of the packet before.
  private var lastTimestamp = Timestamp(nanoseconds: 0)

  /// Longest block that is looked into; all others are passed over whatever their length.
  private static let maximumBlockLength: UInt32 = 2 * 1024 * 1024
  private static let maximumInterfaces = Int(UInt16.max)

  private enum BlockType {
    /// Reads the same in either byte order.
    static let sectionHeader: UInt32 = 0x0a0d_0d0a
    static let interfaceDescription: UInt32 = 1
    /// Obsolete since 2004 and still found.
    static let packet: UInt32 = 2
    static let simplePacket: UInt32 = 3
    static let enhancedPacket: UInt32 = 6
  }

  static func recognizes(_ magic: UInt32) -> Bool { magic == BlockType.sectionHeader }

  /// Looks at blocks until `limit` packets are found; with 0, at all those before the next packet.
  mutating func parse(_ bytes: RawSpan, limit: Int, into records: inout MutableSpan<FrameRecord>) -> ParseStep {
    var at = 0
    var frames = 0
    while true {
      let rest = bytes.extracting(at..<bytes.byteCount)
      let outcome = parseBlock(rest, at: at, deliver: frames < limit)
      switch outcome {
      case .packet(let length, let record):
        records[frames] = record
        frames += 1
        at += length
      case .other(let length):
        at += length
      case .interface(let length):
        return ParseStep(consumed: at + length, frames: frames, next: .interface)
      case .stop(let next):
        return ParseStep(consumed: at, frames: frames, next: next)
      }
    }
  }

  private enum Outcome {
    case packet(length: Int, FrameRecord)
    case interface(length: Int)
    case other(length: Int)
    case stop(ParseStep.Next)
  }

  private mutating func parseBlock(_ bytes: RawSpan, at offset: Int, deliver: Bool) -> Outcome {
    guard bytes.byteCount >= 12 else { return .stop(.needs(12)) }
    var type = bytes.load32(at: 0, swapped: false)
    if type == BlockType.sectionHeader, let fault = adoptByteOrder(bytes) { return .stop(.damage(fault)) }
    if swapped { type = type.byteSwapped }
    let length = bytes.load32(at: 4, swapped: swapped)
    guard length >= 12, length % 4 == 0 else {
      return .stop(.damage("a block of type \(type) claims \(length) octets"))
    }
    guard let minimum = Self.minimumLength(type) else {
      return length <= bytes.byteCount ? .other(length: Int(length)) : .stop(.skip(UInt64(length)))
    }
    guard (minimum...Self.maximumBlockLength).contains(length) else {
      return .stop(.damage("a block of type \(type) claims \(length) octets"))
    }
    guard bytes.byteCount >= length else { return .stop(.needs(Int(length))) }
    guard bytes.load32(at: Int(length) - 4, swapped: swapped) == length else {
      return .stop(.damage("the two lengths of a block differ"))
    }
    let block = bytes.extracting(0..<Int(length) - 4)
    switch type {
    case BlockType.sectionHeader: return beginSection(block)
    case BlockType.interfaceDescription: return declareInterface(block)
    default: return deliver ? packet(block, at: offset, type: type) : .stop(.limit)
    }
  }

  /// nil for a block that is not looked into.
  private static func minimumLength(_ type: UInt32) -> UInt32? {
    switch type {
    case BlockType.sectionHeader: 28
    case BlockType.interfaceDescription: 20
    case BlockType.simplePacket: 16
    case BlockType.packet, BlockType.enhancedPacket: 32
    default: nil
    }
  }
}

// MARK: Sections and interfaces

extension PcapngParser {
  /// Each section has its own byte order, told by a magic number behind the length.
  private mutating func adoptByteOrder(_ bytes: RawSpan) -> String? {
    switch bytes.load32(at: 8, swapped: false) {
    case 0x1a2b_3c4d: swapped = false
    case 0x4d3c_2b1a: swapped = true
    default: return "a section without byte-order magic"
    }
    return nil
  }

  private mutating func beginSection(_ block: RawSpan) -> Outcome {
    let major = block.load16(at: 12, swapped: swapped)
    guard major == 1 else { return .stop(.damage("a section of unknown version \(major)")) }
    section.removeAll(keepingCapacity: true)
    return .other(length: block.byteCount + 4)
  }

  private mutating func declareInterface(_ block: RawSpan) -> Outcome {
    let key: SectionInterface.Key
    do {
      key = try SectionInterface.Key(block: block, swapped: swapped)
    } catch {
      return .stop(.damage(error.reason))
    }
    let index: UInt16
    if let old = known[key] {
      index = old
    } else {
      guard interfaces.count < Self.maximumInterfaces else { return .stop(.damage("too many interfaces")) }
      index = UInt16(interfaces.count)
      interfaces.append(CaptureInterface(name: key.name, linkType: key.linkType))
      known[key] = index
    }
    guard section.count < Self.maximumInterfaces else { return .stop(.damage("too many interfaces")) }
    section.append(SectionInterface(index: index, key: key))
    return .interface(length: block.byteCount + 4)
  }
}

// MARK: Packets

extension PcapngParser {
  private mutating func packet(_ block: RawSpan, at offset: Int, type: UInt32) -> Outcome {
    let isSimple = type == BlockType.simplePacket
    let number =
      isSimple
      ? 0
      : type == BlockType.packet
        ? Int(block.load16(at: 8, swapped: swapped)) : Int(block.load32(at: 8, swapped: swapped))
    guard number < section.count else {
      return .stop(.damage("a packet of interface \(number), which was not declared"))
    }
    let interface = section[number]
    let start = isSimple ? 12 : 28
    let captured: UInt32
    let wire: UInt32
    if isSimple {
      wire = block.load32(at: 8, swapped: swapped)
      captured = min(wire, interface.snapLength, UInt32(block.byteCount - start))
    } else {
      let ticks =
        UInt64(block.load32(at: 12, swapped: swapped)) << 32 | UInt64(block.load32(at: 16, swapped: swapped))
      lastTimestamp = interface.clock.timestamp(ticks: ticks)
      captured = block.load32(at: 20, swapped: swapped)
      wire = block.load32(at: 24, swapped: swapped)
    }
    guard captured <= interface.maximumLength, captured <= block.byteCount - start else {
      return .stop(.damage("a packet claims \(captured) octets in a block of \(block.byteCount + 4)"))
    }
    let record = FrameRecord(
      start: offset + start,
      count: captured,
      nanoseconds: lastTimestamp.nanoseconds,
      wireLength: max(captured, wire),
      interface: interface.index
    )
    return .packet(length: block.byteCount + 4, record)
  }
}
