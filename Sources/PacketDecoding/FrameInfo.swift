/// What comes with the octets of a frame.
@usableFromInline
package struct FrameInfo: Hashable, Sendable, BitwiseCopyable {
  @usableFromInline package let timestamp: Timestamp
  /// The length on the wire, never below the number of captured octets.
  @usableFromInline package let wireLength: UInt32
  /// The interface, counted within its source: 0 for a live capture unless told otherwise; in a pcapng file the
  /// position in `SaveFile.interfaces`.
  @usableFromInline package let interface: UInt16

  @inlinable
  package init(timestamp: Timestamp, wireLength: UInt32, interface: UInt16 = 0) {
    self.timestamp = timestamp
    self.wireLength = wireLength
    self.interface = interface
  }
}

/// Where a frame lies among the octets it was read with, and what was noted about it.
///
/// Many frames are handed over at once, so that what costs a call is paid once for all of them.
@usableFromInline
package struct FrameRecord: Sendable, BitwiseCopyable {
  @usableFromInline package var info: FrameInfo
  @usableFromInline package let start: UInt32
  @usableFromInline package let count: UInt32

  @inlinable
  package init(start: Int, count: UInt32, nanoseconds: Int64, wireLength: UInt32, interface: UInt16 = 0) {
    self.start = UInt32(truncatingIfNeeded: start)
    self.count = count
    let timestamp = Timestamp(nanoseconds: nanoseconds)
    info = FrameInfo(timestamp: timestamp, wireLength: wireLength, interface: interface)
  }

  /// Among the octets.
  @inlinable
  package var range: Range<Int> { Int(start)..<Int(start) + Int(count) }

  /// The same frame where its octets stand further back.
  @inlinable
  package func moved(by distance: Int) -> FrameRecord {
    FrameRecord(
      start: Int(start) + distance,
      count: count,
      nanoseconds: info.timestamp.nanoseconds,
      wireLength: info.wireLength,
      interface: info.interface
    )
  }

  package mutating func renumber(_ interface: UInt16) {
    info = FrameInfo(timestamp: info.timestamp, wireLength: info.wireLength, interface: interface)
  }

  /// In place of a frame.
  package static var none: FrameRecord { FrameRecord(start: 0, count: 0, nanoseconds: 0, wireLength: 0) }
}

/// What receives frames: it may look at the octets during the call and keeps none of them.
package typealias FrameHandler = (_ frame: RawSpan, _ info: FrameInfo) -> Void
