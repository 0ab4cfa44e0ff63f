package import ConnectionTracking

/// Values by the small numbers that accounting gives services and clients, which grow as these come.
package struct Numbered<Value: Sendable>: ~Copyable, Sendable {
  package private(set) var values = NumberedMemory<Value>()
  private let blank: Value

  init(_ blank: Value) {
    self.blank = blank
  }

  subscript(number: UInt32) -> Value {
    get { Int(number) < values.count ? values[Int(number)] : blank }
    @inline(__always) _modify {
      if Int(number) >= values.count { grow(to: number) }
      yield &values[Int(number)]
    }
  }

  /// Whether it has grown to this number.
  @inline(__always)
  func holds(_ number: UInt32) -> Bool { Int(number) < values.count }

  var indices: Range<UInt32> { 0..<UInt32(values.count) }

  @inline(never)
  private mutating func grow(to number: UInt32) {
    while Int(number) >= values.count { values.append(blank) }
  }
}
