/// The number of a connection in the table; free numbers are used again.
package struct Slot: Hashable, Sendable, BitwiseCopyable {
  package let rawValue: UInt32

  init(_ rawValue: UInt32) {
    self.rawValue = rawValue
  }

  static let none = Slot(.max)

  /// Those of which nothing but the SYN has come have numbers from here on: those that they have in their queue.
  static let firstRequest: UInt32 = 1 << 31

  @inline(__always)
  init(request number: UInt32) { self.init(Self.firstRequest | number) }

  /// The number in the queue of one that is such.
  @inline(__always)
  var request: UInt32 { rawValue & ~Self.firstRequest }
}
