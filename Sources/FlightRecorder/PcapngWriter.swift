package import PacketDecoding

/// A capture file in the making (pcapng, draft-ietf-opsawg-pcapng): one section, its interfaces, its packets, and how many
/// packets the interfaces counted.
package struct PcapngWriter {
  package private(set) var bytes: [UInt8] = []
  package private(set) var packets = 0
  private let limit: Int
  private let interfaces: [RecordedInterface]
  /// Packets that found no room in the file.
  package private(set) var omitted = 0

  private enum Block {
    static let section: UInt32 = 0x0A0D_0D0A
    static let interface: UInt32 = 1
    static let statistics: UInt32 = 5
    static let packet: UInt32 = 6
  }

  private enum Option {
    static let end: UInt16 = 0
    static let comment: UInt16 = 1
    static let application: UInt16 = 4
    static let name: UInt16 = 2
    static let resolution: UInt16 = 9
    static let received: UInt16 = 4
    static let dropped: UInt16 = 5
  }

  /// Octets of the block of a packet, beside its padded frame, and of that of an interface's statistics.
  private static let packetOverhead = 32
  private static let statisticsLength = 52

  /// A comment of more is cut.
  private static let longestText = 16 << 10

  /// - Parameters:
  ///   - comment: for whoever opens the file.
  ///   - limit: octets of the whole; a packet beyond it is not added.
  package init(comment: String, application: String, interfaces: [RecordedInterface], limit: Int = .max) {
    self.interfaces = interfaces
    self.limit = limit
    block(Block.section) { block in
      block.append(UInt32(0x1A2B_3C4D))
      block.append(UInt16(1))
      block.append(UInt16(0))
      // The length of the section is not known beforehand.
      block.append(UInt64.max)
      block.option(Option.comment, Self.cut(comment))
      block.option(Option.application, Self.cut(application))
      block.endOfOptions()
    }
    for interface in interfaces {
      block(Block.interface) { block in
        block.append(interface.linkType)
        block.append(UInt16(0))
        block.append(UInt32(0))
        block.option(Option.name, Self.cut(interface.name))
        block.option(Option.resolution, [9])
        block.endOfOptions()
      }
    }
  }

  package mutating func add(_ octets: RawSpan, _ frame: RecordedFrame) {
    guard Int(frame.interface) < interfaces.count else { return }
    let length = Self.packetOverhead + (octets.byteCount + 3) & ~3
    guard bytes.count + length + interfaces.count * Self.statisticsLength <= limit else {
      omitted += 1
      return
    }
    let time = UInt64(bitPattern: frame.timestamp.nanoseconds)
    block(Block.packet) { block in
      block.append(UInt32(frame.interface))
      block.append(UInt32(truncatingIfNeeded: time >> 32))
      block.append(UInt32(truncatingIfNeeded: time))
      block.append(UInt32(octets.byteCount))
      block.append(max(frame.wireLength, UInt32(octets.byteCount)))
      block.append(octets)
    }
    packets += 1
  }

  /// What the interfaces had counted.
  package mutating func finish(at time: Timestamp) {
    let time = UInt64(bitPattern: time.nanoseconds)
    for (number, interface) in interfaces.enumerated() {
      block(Block.statistics) { block in
        block.append(UInt32(number))
        block.append(UInt32(truncatingIfNeeded: time >> 32))
        block.append(UInt32(truncatingIfNeeded: time))
        block.option(Option.received, Bytes(interface.received).octets)
        block.option(Option.dropped, Bytes(interface.dropped).octets)
        block.endOfOptions()
      }
    }
  }

  /// A block has its length at both ends.
  private mutating func block(_ type: UInt32, _ write: (inout Bytes) -> Void) {
    var body = Bytes()
    write(&body)
    body.pad()
    let length = UInt32(body.octets.count + 12)
    var block = Bytes()
    block.append(type)
    block.append(length)
    bytes += block.octets
    bytes += body.octets
    bytes += Bytes(length).octets
  }

  private static func cut(_ text: String) -> [UInt8] {
    var bytes = Array(text.utf8)
    guard bytes.count > longestText else { return bytes }
    var end = longestText
    while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    bytes.removeLast(bytes.count - end)
    return bytes
  }
}

/// An interface that frames were captured from.
package struct RecordedInterface: Sendable {
  package var name: String
  /// As capture files number link types (LINKTYPE_).
  package var linkType: UInt16
  package var received: UInt64
  package var dropped: UInt64

  package init(name: String, linkType: UInt16, received: UInt64, dropped: UInt64) {
    self.name = name
    self.linkType = linkType
    self.received = received
    self.dropped = dropped
  }
}

/// Octets in the order of a little-endian file.
private struct Bytes {
  var octets: [UInt8] = []

  init() {}

  init(_ number: some FixedWidthInteger) { append(number) }

  mutating func append(_ number: some FixedWidthInteger) {
    for shift in stride(from: 0, to: number.bitWidth, by: 8) {
      octets.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  mutating func append(_ span: RawSpan) {
    // Copied at once; the span bounds it.
    unsafe span.withUnsafeBytes { unsafe octets.append(contentsOf: $0) }
  }

  mutating func option(_ code: UInt16, _ value: [UInt8]) {
    append(code)
    append(UInt16(truncatingIfNeeded: value.count))
    octets += value
    pad()
  }

  mutating func endOfOptions() {
    append(UInt16(0))
    append(UInt16(0))
  }

  mutating func pad() {
    while octets.count % 4 != 0 { octets.append(0) }
  }
}
