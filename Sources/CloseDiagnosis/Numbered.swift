/// Values by the small numbers that accounting gives services and clients: an array that grows as they come.
struct Numbered<Value: Sendable>: Sendable {
  private var values: [Value] = []
  private let blank: Value

  init(_ blank: Value) {
    self.blank = blank
  }

  subscript(number: UInt32) -> Value {
    get { Int(number) < values.count ? values[Int(number)] : blank }
    _modify {
      let missing = Int(number) + 1 - values.count
      if missing > 0 { values.append(contentsOf: repeatElement(blank, count: missing)) }
      yield &values[Int(number)]
    }
  }

  var indices: Range<UInt32> { 0..<UInt32(values.count) }
}
