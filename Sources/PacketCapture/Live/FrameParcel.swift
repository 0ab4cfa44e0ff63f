internal import Glibc
package import PacketDecoding

/// Frames of one interface on their way from the thread that reads them to the one that looks at them.
///
/// A class, for its memory must not be copied on the way: it would be wiped here, and stay there. One thread has it at a
/// time, and hands it on through a lock: that is what makes it sendable.
package final class FrameParcel: @unchecked Sendable {
  /// As of `LiveCapture.Options.number`.
  package var interface: UInt8 = 0
  package private(set) var decoder = FrameDecoder(linkType: .ethernet)
  private var octets: [UInt8] = []
  private var frames: [FrameRecord] = []

  package init() {}

  package var isEmpty: Bool { frames.isEmpty }
  package var size: Int { octets.count }
  /// When the last of them was captured.
  package var last: Timestamp? { frames.last?.info.timestamp }

  package func address(interface: UInt8, decoder: FrameDecoder) {
    (self.interface, self.decoder) = (interface, decoder)
  }

  /// Adds frames after those that are in it.
  package func add(_ more: RawSpan, _ records: Span<FrameRecord>) {
    let start = octets.count
    unsafe more.withUnsafeBytes { bytes in unsafe octets.append(contentsOf: bytes) }
    for index in records.indices { frames.append(records[index].moved(by: start)) }
  }

  /// Hands over what there is, and forgets it, as `FrameBatch` does: the memory stays for the next.
  package func handOver(to body: FramesHandler) {
    unsafe body(octets.span.bytes, frames.span)
    unsafe octets.withUnsafeMutableBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      unsafe explicit_bzero(start, bytes.count)
    }
    octets.removeAll(keepingCapacity: true)
    frames.removeAll(keepingCapacity: true)
  }
}
