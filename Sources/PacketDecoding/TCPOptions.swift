/// The TCP options that tracking uses (RFC 9293, RFC 7323, RFC 2018).
@usableFromInline
package struct TCPOptions: Sendable, BitwiseCopyable, Equatable {
  @usableFromInline package var timestampValue: UInt32 = 0
  @usableFromInline package var timestampEcho: UInt32 = 0
  /// The three below, in one number that is written at once.
  @usableFromInline var others: UInt32 = 0

  @inlinable
  package init() {}

  @inlinable @inline(__always)
  package var maximumSegmentSize: UInt16 {
    get { UInt16(truncatingIfNeeded: others) }
    set { others = others & ~0xFFFF | UInt32(newValue) }
  }

  /// The shift count, at most 14; larger ones are read as 14 (RFC 7323, 2.3).
  @inlinable @inline(__always)
  package var windowScale: UInt8 {
    get { UInt8(truncatingIfNeeded: others >> 16) }
    set { others = others & ~0xFF_0000 | UInt32(newValue) << 16 }
  }

  @inlinable @inline(__always)
  package var present: Present {
    get { Present(rawValue: UInt8(truncatingIfNeeded: others >> 24)) }
    set { others = others & ~0xFF00_0000 | UInt32(newValue.rawValue) << 24 }
  }

  /// Which options the header carries.
  @usableFromInline
  package struct Present: Sendable, BitwiseCopyable, Equatable {
    @usableFromInline package var rawValue: UInt8

    @inlinable
    package init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    // For what is inlined elsewhere; the others are in `Bit`.
    @inlinable static var segmentSizeBit: UInt8 { 1 }
    @inlinable static var sackAndScaleBits: UInt8 { 2 | 4 }
    @inlinable static var timestampsBit: UInt8 { 8 }

    @inlinable @inline(__always) package var maximumSegmentSize: Bool { rawValue & 1 != 0 }
    @inlinable @inline(__always) package var windowScale: Bool { rawValue & 2 != 0 }
    @inlinable @inline(__always) package var sackPermitted: Bool { rawValue & 4 != 0 }
    @inlinable @inline(__always) package var timestamps: Bool { rawValue & Self.timestampsBit != 0 }
    @inlinable @inline(__always) package var fastOpen: Bool { rawValue & 16 != 0 }
    /// The list was cut or malformed; what came before it counts.
    @inlinable @inline(__always) package var damaged: Bool { rawValue & 128 != 0 }
  }
}
