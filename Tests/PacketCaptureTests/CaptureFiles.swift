import CZlib
import Foundation
import PacketDecoding

@testable import PacketCapture

/// Writes classic capture files as different machines would.
struct PcapBuilder {
  var bigEndian = false
  var magic: UInt32 = 0xa1b2_c3d4
  var minor: UInt16 = 4
  var snapLength: UInt32 = 262_144
  var linkType: UInt32 = 1

  var header: [UInt8] {
    octets(magic, bigEndian: bigEndian)
      + octets(UInt16(2), bigEndian: bigEndian) + octets(minor, bigEndian: bigEndian)
      + [UInt8](repeating: 0, count: 8)
      + octets(snapLength, bigEndian: bigEndian) + octets(linkType, bigEndian: bigEndian)
  }

  /// - Parameter wire: the length on the wire, where it is not that of the frame.
  func record(_ seconds: UInt32, _ fraction: UInt32, _ frame: [UInt8], wire: UInt32? = nil) -> [UInt8] {
    let captured = UInt32(frame.count)
    var lengths = [captured, wire ?? captured]
    if minor < 3 { lengths.reverse() }
    // Interface index, protocol, packet type, padding.
    let extra = magic == 0xa1b2_cd34 ? hex("02000000 0008 00 00") : []
    return [seconds, fraction, lengths[0], lengths[1]].flatMap { octets($0, bigEndian: bigEndian) } + extra + frame
  }
}

/// Writes pcapng blocks.
struct PcapngBuilder {
  var bigEndian = false

  func block(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
    let padded = body + [UInt8](repeating: 0, count: (4 - body.count % 4) % 4)
    let length = octets(UInt32(padded.count + 12), bigEndian: bigEndian)
    return octets(type, bigEndian: bigEndian) + length + padded + length
  }

  func section(major: UInt16 = 1) -> [UInt8] {
    block(
      0x0a0d_0d0a,
      octets(UInt32(0x1a2b_3c4d), bigEndian: bigEndian) + octets(major, bigEndian: bigEndian)
        + octets(UInt16(0), bigEndian: bigEndian) + octets(Int64(-1), bigEndian: bigEndian)
    )
  }

  func interface(_ linkType: UInt16, snapLength: UInt32 = 0, options: [UInt8] = []) -> [UInt8] {
    block(
      1,
      octets(linkType, bigEndian: bigEndian) + [0, 0] + octets(snapLength, bigEndian: bigEndian) + options
    )
  }

  func option(_ code: UInt16, _ value: [UInt8]) -> [UInt8] {
    octets(code, bigEndian: bigEndian) + octets(UInt16(value.count), bigEndian: bigEndian) + value
      + [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
  }

  func enhanced(_ interface: UInt32, ticks: UInt64, _ frame: [UInt8], wire: UInt32? = nil) -> [UInt8] {
    block(6, octets(interface, bigEndian: bigEndian) + packet(ticks, frame, wire))
  }

  func obsolete(_ interface: UInt16, ticks: UInt64, _ frame: [UInt8], wire: UInt32? = nil) -> [UInt8] {
    block(2, octets(interface, bigEndian: bigEndian) + [0xff, 0xff] + packet(ticks, frame, wire))
  }

  func simple(_ frame: [UInt8], wire: UInt32? = nil) -> [UInt8] {
    block(3, octets(wire ?? UInt32(frame.count), bigEndian: bigEndian) + frame)
  }

  private func packet(_ ticks: UInt64, _ frame: [UInt8], _ wire: UInt32?) -> [UInt8] {
    let captured = UInt32(frame.count)
    return [UInt32(ticks >> 32), UInt32(truncatingIfNeeded: ticks), captured, wire ?? captured]
      .flatMap { octets($0, bigEndian: bigEndian) } + frame
  }
}

/// A file that is gone when the test is done.
final class TemporaryFile {
  let path: String

  init(_ content: [UInt8] = [], gzip: Bool = false) throws {
    path = NSTemporaryDirectory() + "tcpstated-test-\(UUID().uuidString)"
    if gzip {
      let file = unsafe gzopen(path, "wb")
      _ = unsafe content.withUnsafeBytes { unsafe gzwrite(file, $0.baseAddress, UInt32($0.count)) }
      unsafe gzclose(file)
    } else {
      try Data(content).write(to: URL(fileURLWithPath: path))
    }
  }

  func content() throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}

/// What a reader delivered.
struct ReadFrame: Equatable {
  let nanoseconds: Int64
  let wireLength: UInt32
  let interface: UInt16
  let octets: [UInt8]

  init(_ nanoseconds: Int64, _ octets: [UInt8], wire: UInt32? = nil, interface: UInt16 = 0) {
    self.nanoseconds = nanoseconds
    self.octets = octets
    self.interface = interface
    wireLength = wire ?? UInt32(octets.count)
  }

  init(_ frame: RawSpan, _ info: FrameInfo) {
    nanoseconds = info.timestamp.nanoseconds
    wireLength = info.wireLength
    interface = info.interface
    octets = (0..<frame.byteCount).map { frame.load8(at: $0) }
  }
}

extension SaveFile {
  /// Reads to the end.
  mutating func readAll(limit: Int = 64) throws -> [ReadFrame] {
    var frames: [ReadFrame] = []
    while try read(limit: limit, { frames.append(ReadFrame($0, $1)) }) > 0 {}
    return frames
  }
}

/// Writes a file and reads it back.
func readFile(
  _ content: [UInt8],
  gzip: Bool = false,
  filter: String? = nil,
  limit: Int = 64
) throws -> (frames: [ReadFrame], damage: CaptureDamage?, interfaces: [CaptureInterface]) {
  let file = try TemporaryFile(content, gzip: gzip)
  var capture = try SaveFile(path: file.path, filter: filter)
  let frames = try capture.readAll(limit: limit)
  return (frames, capture.damage, capture.interfaces)
}
