/// The control bits of a TCP header (RFC 9293, 3.1), as they stand in its 14th octet.
///
/// Plain accessors instead of an `OptionSet`: they are read for each packet, and `contains` is a generic call.
@usableFromInline
package struct TCPFlags: Hashable, Sendable, BitwiseCopyable {
  @usableFromInline package let rawValue: UInt8

  @inlinable
  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  package static let fin = TCPFlags(rawValue: 0x01)
  package static let syn = TCPFlags(rawValue: 0x02)
  package static let rst = TCPFlags(rawValue: 0x04)
  package static let psh = TCPFlags(rawValue: 0x08)
  package static let ack = TCPFlags(rawValue: 0x10)
  package static let urg = TCPFlags(rawValue: 0x20)

  @inlinable @inline(__always) package var isFIN: Bool { rawValue & 0x01 != 0 }
  @inlinable @inline(__always) package var isSYN: Bool { rawValue & 0x02 != 0 }
  @inlinable @inline(__always) package var isRST: Bool { rawValue & 0x04 != 0 }
  @inlinable @inline(__always) package var isPSH: Bool { rawValue & 0x08 != 0 }
  @inlinable @inline(__always) package var isACK: Bool { rawValue & 0x10 != 0 }
  @inlinable @inline(__always) package var isURG: Bool { rawValue & 0x20 != 0 }

  /// ACK, with or without PSH, and nothing else.
  @inlinable @inline(__always) package var isBareACK: Bool { rawValue & 0xF7 == 0x10 }
  /// SYN, and neither ACK, FIN nor RST.
  @inlinable @inline(__always) package var isBareSYN: Bool { rawValue & 0x17 == 0x02 }
  /// SYN, FIN or RST.
  @inlinable @inline(__always) package var isControl: Bool { rawValue & 0x07 != 0 }

  @inlinable
  package static func | (a: TCPFlags, b: TCPFlags) -> TCPFlags {
    TCPFlags(rawValue: a.rawValue | b.rawValue)
  }
}
