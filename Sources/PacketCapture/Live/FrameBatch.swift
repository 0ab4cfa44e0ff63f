internal import Glibc
internal import PacketDecoding

/// Frames copied out of the ring, handed over together.
///
/// libpcap gives a frame's place in the ring back without saying so, and the ring is wiped behind each frame: what is to
/// be looked at together has to be copied. That is a few nearby cache lines a frame, which the decoder reads next.
@safe
struct FrameBatch: ~Copyable {
  private let octets: UnsafeMutableRawBufferPointer
  private let records: UnsafeMutableBufferPointer<FrameRecord>
  private var used = 0
  private(set) var count = 0

  /// Few enough for the nearest caches.
  private static let frames = 128
  private static let size = 64 << 10

  /// - Parameter snapLength: no frame is longer.
  init(snapLength: Int) {
    unsafe octets = .allocate(byteCount: max(Self.size, snapLength), alignment: 16)
    unsafe records = .allocate(capacity: Self.frames)
  }

  deinit {
    unsafe octets.deallocate()
    unsafe records.deallocate()
  }

  @inline(__always)
  func hasRoom(for length: Int) -> Bool {
    unsafe count < Self.frames && length <= octets.count - used
  }

  /// - Parameter frame: for which there is room.
  @inline(__always)
  mutating func add(_ frame: UnsafeRawBufferPointer, nanoseconds: Int64, wireLength: UInt32, interface: UInt16) {
    let length = frame.count
    guard hasRoom(for: length), let source = frame.baseAddress, let start = unsafe octets.baseAddress else {
      return
    }
    unsafe start.advanced(by: used).copyMemory(from: source, byteCount: length)
    unsafe records[count] = FrameRecord(
      start: used,
      count: UInt32(truncatingIfNeeded: length),
      nanoseconds: nanoseconds,
      wireLength: wireLength,
      interface: interface
    )
    used += length
    count += 1
  }

  /// Hands over what there is, and forgets it: heads of messages must not lie about in memory.
  mutating func handOver(to body: (RawSpan, Span<FrameRecord>) -> Void) {
    guard count > 0, let start = unsafe octets.baseAddress else { return }
    let filled = unsafe UnsafeRawBufferPointer(start: start, count: used)
    unsafe body(filled.bytes, UnsafeBufferPointer(rebasing: records[..<count]).span)
    unsafe memset(start, 0, used)
    used = 0
    count = 0
  }
}
