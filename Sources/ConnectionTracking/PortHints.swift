/// Which ports may be among some, by their low bits: a packet of others is told at once.
package struct PortHints: Sendable, Equatable {
  private var bits: UInt64 = 0

  package init() {}

  package var isEmpty: Bool { bits == 0 }

  package mutating func insert(_ port: UInt16) { bits |= Self.bit(port) }
  package mutating func formUnion(_ other: PortHints) { bits |= other.bits }

  @inline(__always)
  package func mayContain(_ port: UInt16) -> Bool { bits & Self.bit(port) != 0 }

  @inline(__always)
  private static func bit(_ port: UInt16) -> UInt64 { 1 &<< UInt64(port) }
}
