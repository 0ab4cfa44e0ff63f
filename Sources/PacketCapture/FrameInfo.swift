package import Engine

/// What comes with the octets of a frame.
package struct FrameInfo: Hashable, Sendable, BitwiseCopyable {
  package let timestamp: Timestamp
  /// The length on the wire, never below the number of captured octets.
  package let wireLength: UInt32
  /// The interface, counted within its source: 0 for a live capture unless told otherwise; in a pcapng file the
  /// position in `SaveFile.interfaces`.
  package let interface: UInt16

  package init(timestamp: Timestamp, wireLength: UInt32, interface: UInt16 = 0) {
    self.timestamp = timestamp
    self.wireLength = wireLength
    self.interface = interface
  }
}

/// Where a frame lies among the octets it was read with, and what was noted about it.
///
/// Many frames are handed over at once, so that what costs a call is paid once for all of them.
package struct FrameRecord: Sendable, BitwiseCopyable {
  package let info: FrameInfo
  @usableFromInline
  let start: UInt32
  @usableFromInline
  let count: UInt32

  @inline(__always)
  init(start: Int, count: Int, info: FrameInfo) {
    self.start = UInt32(truncatingIfNeeded: start)
    self.count = UInt32(truncatingIfNeeded: count)
    self.info = info
  }

  @inlinable
  package var range: Range<Int> { unsafe Range(uncheckedBounds: (Int(start), Int(start) + Int(count))) }

  static let none = FrameRecord(
    start: 0,
    count: 0,
    info: FrameInfo(timestamp: Timestamp(nanoseconds: 0), wireLength: 0)
  )
}

/// What receives frames: it may look at the octets during the call and keeps none of them.
package typealias FrameHandler = (_ frame: RawSpan, _ info: FrameInfo) -> Void
