/// A TCP sequence number: 32 bits that wrap around (RFC 9293, 3.4).
///
/// `a.precedes(b)` holds when `b` lies less than 2^31 ahead. That is no total order, hence no `Comparable`.
@usableFromInline
package struct SequenceNumber: Hashable, Sendable, BitwiseCopyable {
  @usableFromInline package let rawValue: UInt32

  @inlinable
  package init(_ rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// How far `self` lies ahead of `other`; negative when behind.
  @inlinable @inline(__always)
  package func distance(from other: SequenceNumber) -> Int32 {
    Int32(bitPattern: rawValue &- other.rawValue)
  }

  @inlinable @inline(__always)
  package func precedes(_ other: SequenceNumber) -> Bool {
    distance(from: other) < 0
  }

  @inlinable @inline(__always)
  package static func &+ (number: SequenceNumber, offset: UInt32) -> SequenceNumber {
    SequenceNumber(number.rawValue &+ offset)
  }

  @inlinable @inline(__always)
  package static func &- (number: SequenceNumber, offset: UInt32) -> SequenceNumber {
    SequenceNumber(number.rawValue &- offset)
  }
}
