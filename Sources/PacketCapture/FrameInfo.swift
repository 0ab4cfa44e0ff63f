package import PacketDecoding

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

/// What receives frames: it may look at the octets during the call and keeps none of them.
package typealias FrameHandler = (_ frame: RawSpan, _ info: FrameInfo) -> Void
