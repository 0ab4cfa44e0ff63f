/// The number of a connection in the table; free numbers are used again.
package struct Slot: Hashable, Sendable, BitwiseCopyable {
  package let rawValue: UInt32

  init(_ rawValue: UInt32) {
    self.rawValue = rawValue
  }

  static let none = Slot(.max)
}
