package import PacketDecoding

/// An interface that a capture file names.
package struct CaptureInterface: Hashable, Sendable {
  /// As it stands in the file (if_name): not escaped, and empty when the file does not say.
  package let name: String
  package let linkType: LinkType

  package init(name: String, linkType: LinkType) {
    self.name = name
    self.linkType = linkType
  }
}

/// What a section says about one of its interfaces, ready for its packets.
struct SectionInterface {
  /// All that the Interface Description Block holds and matters here.
  struct Key: Hashable {
    var linkType: LinkType
    var snapLength: UInt32
    var name = ""
    var clock = TickClock.microseconds
  }

  struct Fault: Error {
    let reason: String
  }

  let index: UInt16
  let clock: TickClock
  /// 0 in the file means no limit.
  let snapLength: UInt32
  let maximumLength: UInt32

  init(index: UInt16, key: Key) {
    self.index = index
    clock = key.clock
    snapLength = key.snapLength == 0 ? .max : key.snapLength
    maximumLength = PacketBound.octets(snapLength: key.snapLength)
  }
}

extension SectionInterface.Key {
  private enum Option {
    static let end: UInt16 = 0
    static let name: UInt16 = 2
    static let timestampResolution: UInt16 = 9
    static let timestampOffset: UInt16 = 14
  }

  /// - Parameter block: an Interface Description Block without its trailing length.
  init(block: RawSpan, swapped: Bool) throws(SectionInterface.Fault) {
    guard let linkType = LinkType(dlt: Int32(block.load16(at: 8, swapped: swapped))) else {
      throw SectionInterface.Fault(reason: "an interface of unknown link type")
    }
    self.init(linkType: linkType, snapLength: block.load32(at: 12, swapped: swapped))
    var resolution: UInt8 = 6
    var offsetSeconds: Int64 = 0
    var at = 16
    while at + 4 <= block.byteCount {
      let code = block.load16(at: at, swapped: swapped)
      let length = Int(block.load16(at: at + 2, swapped: swapped))
      if code == Option.end { break }
      at += 4
      guard at + length <= block.byteCount else {
        throw SectionInterface.Fault(reason: "an interface option runs past its block")
      }
      switch (code, length) {
      case (Option.name, _): name = block.text(in: at..<at + length)
      case (Option.timestampResolution, 1): resolution = block.load8(at: at)
      case (Option.timestampOffset, 8):
        offsetSeconds = Int64(bitPattern: block.load64(at: at, swapped: swapped))
      default: break
      }
      at += (length + 3) & ~3
    }
    guard let clock = TickClock(resolution: resolution, offsetSeconds: offsetSeconds) else {
      throw SectionInterface.Fault(reason: "an interface with unusable time resolution")
    }
    self.clock = clock
  }
}
