/// Finds numbered accounts by what they are of, which stands in the accounts themselves: open addressing, four bytes a
/// place. (A dictionary would hash with far more rounds, for each new connection.)
struct NumberIndex: Sendable {
  /// Number 0, which nothing has that is looked for, means an empty place.
  private var places = [UInt32](repeating: 0, count: 64)
  private var count = 0

  private var mask: Int { places.count - 1 }

  /// - Parameters:
  ///   - hash: of what is looked for.
  ///   - isIt: whether the account of a number is the one.
  @inline(__always)
  func find(_ hash: UInt64, _ isIt: (Int) -> Bool) -> UInt32? {
    var place = Int(truncatingIfNeeded: hash) & mask
    while places[place] != 0 {
      if isIt(Int(places[place])) { return places[place] }
      place = (place + 1) & mask
    }
    return nil
  }

  /// - Parameters:
  ///   - hash: of what has the number now.
  ///   - hashOf: that of what has a number, which is asked when the index grows.
  mutating func insert(_ number: UInt32, _ hash: UInt64, hashOf: (Int) -> UInt64) {
    if 2 * (count + 1) > places.count { grow(hashOf) }
    put(number, hash)
    count += 1
  }

  private mutating func put(_ number: UInt32, _ hash: UInt64) {
    var place = Int(truncatingIfNeeded: hash) & mask
    while places[place] != 0 { place = (place + 1) & mask }
    places[place] = number
  }

  private mutating func grow(_ hashOf: (Int) -> UInt64) {
    let numbers = places.filter { $0 != 0 }
    places = [UInt32](repeating: 0, count: 2 * places.count)
    for number in numbers { put(number, hashOf(Int(number))) }
  }
}
