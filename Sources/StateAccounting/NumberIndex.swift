internal import ConnectionTracking
internal import PacketDecoding

/// Finds numbered accounts by what they are of, which stands in the accounts themselves: open addressing, eight bytes a
/// place, half of them of the hash, so that an account is read only when it is very likely the one. (A dictionary would
/// hash with far more rounds, for each new connection.)
///
/// In a flood nearly all that are looked for are not there: bits that say so, four times as many as there are places,
/// stay in a near cache, where the places do not. Each has two of them in one word, so that few are looked for in vain.
struct NumberIndex: Sendable {
  /// Number 0, which nothing has that is looked for, means an empty place.
  private var places = [UInt64](repeating: 0, count: 64)
  /// By some bits more of a hash than those that say where it is looked for: whether anything there has the same.
  private var marks = [UInt64](repeating: 0, count: 4)
  private var count = 0

  private var mask: Int { places.count - 1 }

  /// - Parameters:
  ///   - hash: of what is looked for.
  ///   - isIt: whether the account of a number is the one.
  @inline(__always)
  func find(_ hash: UInt64, _ isIt: (Int) -> Bool) -> UInt32? {
    mayHold(hash) ? search(hash, isIt) : nil
  }

  /// The same of what may be there.
  @inline(__always)
  func search(_ hash: UInt64, _ isIt: (Int) -> Bool) -> UInt32? {
    var place = Int(truncatingIfNeeded: hash >> 32) & mask
    while places[place] != 0 {
      let number = UInt32(truncatingIfNeeded: places[place])
      if places[place] >> 32 == hash >> 32, isIt(Int(number)) { return number }
      place = (place &+ 1) & mask
    }
    return nil
  }

  /// Whether anything may be found.
  @inline(__always)
  func mayHold(_ hash: UInt64) -> Bool { ~marks[markWord(hash)] & Self.mark(hash) == 0 }

  @inline(__always)
  private func markWord(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 38) & (marks.count &- 1) }

  @inline(__always)
  private static func mark(_ hash: UInt64) -> UInt64 { 1 &<< (hash >> 32) | 1 &<< (hash >> 58) }

  /// Asks for the memory that a search begins with.
  @inline(__always)
  mutating func prefetch(_ hash: UInt64) { places.prefetch(Int(truncatingIfNeeded: hash >> 32) & mask) }

  mutating func insert(_ number: UInt32, _ hash: UInt64) {
    // Where most of those that are looked for are not there, long runs would cost more than the memory.
    if 4 * (count + 1) > places.count { grow() }
    put((hash & ~UInt64(UInt32.max)) | UInt64(number))
    count += 1
  }

  /// Takes out a number that was inserted with this hash.
  mutating func remove(_ number: UInt32, _ hash: UInt64) {
    var place = Int(truncatingIfNeeded: hash >> 32) & mask
    while places[place] != 0, UInt32(truncatingIfNeeded: places[place]) != number { place = (place + 1) & mask }
    guard places[place] != 0 else { return }
    count -= 1
    let removed = places[place]
    // Those behind it move up, but for those that would then stand before the place where they are looked for first.
    var next = (place + 1) & mask
    while places[next] != 0 {
      let first = Int(truncatingIfNeeded: places[next] >> 32) & mask
      if (next - first) & mask >= (next - place) & mask {
        places[place] = places[next]
        place = next
      }
      next = (next + 1) & mask
    }
    places[place] = 0
    markAnew(markWord(removed), like: removed)
  }

  /// Marks in a word what is left of those that have their marks there. They begin to be looked for in the same 64 places
  /// as this one, and stand there or in the run behind.
  private mutating func markAnew(_ word: Int, like entry: UInt64) {
    marks[word] = 0
    var place = Int(truncatingIfNeeded: entry >> 32) & mask & ~63
    var left = 64
    while left > 0 || places[place] != 0 {
      if places[place] != 0, markWord(places[place]) == word { marks[word] |= Self.mark(places[place]) }
      place = (place + 1) & mask
      left -= 1
    }
  }

  private mutating func put(_ entry: UInt64) {
    var place = Int(truncatingIfNeeded: entry >> 32) & mask
    while places[place] != 0 { place = (place + 1) & mask }
    places[place] = entry
    marks[markWord(entry)] |= Self.mark(entry)
  }

  private mutating func grow() {
    let entries = places.filter { $0 != 0 }
    places = [UInt64](repeating: 0, count: 2 * places.count)
    marks = [UInt64](repeating: 0, count: 2 * marks.count)
    for entry in entries { put(entry) }
  }
}

extension EndpointHasher {
  /// Of one endpoint, and the number of something it belongs to.
  @inline(__always)
  func callAsFunction(_ endpoint: Endpoint, salt: UInt32) -> UInt64 {
    self(high: endpoint.address.high, low: endpoint.address.low, port: endpoint.port, salt: salt)
  }
}
