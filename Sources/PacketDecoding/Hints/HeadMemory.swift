internal import COctets

/// What the last requests said behind their targets, and the last answers as a whole. Clients and servers say the same
/// again and again, down to the octet; what was read once is compared then, and not read.
///
/// Kept is what heads said that stood whole in a segment, were usual, and are not too long: of those that leave as many
/// octets of their segments (up to a multiple of the places), the last one.
///
/// The memory is its own, and private: that is what makes it safe.
@safe
package struct HeadMemory: ~Copyable {
  private let requests: UnsafeMutablePointer<Place>
  private let answers: UnsafeMutablePointer<Place>
  private let isKept: Bool

  /// Of each of the two: a power of two.
  private static let count = 8

  /// What follows the target of a request, or an answer, to the end of the head, and what it says.
  private struct Place: BitwiseCopyable {
    /// More than any segment holds where there is nothing.
    var length = UInt32.max
    /// Heads that said something else since it was said last.
    var others: UInt8 = 0
    var isPlain = false
    var facts = HeadFacts()
    var keepAliveTimeout: UInt16 = 0
    var keepAliveMaximum: UInt16 = 0
    var status: UInt16 = 0
    var contentLength: UInt64 = 0
    var text = Text(repeating: 0)
  }

  /// For a place to have 512 octets.
  private typealias Text = InlineArray<488, UInt8>

  /// - Parameter isKept: whether anything is: there may be secrets in it.
  package init(isKept: Bool) {
    self.isKept = isKept
    unsafe requests = .allocate(capacity: 2 * Self.count)
    unsafe requests.initialize(repeating: Place(), count: 2 * Self.count)
    unsafe answers = requests + Self.count
  }

  deinit { unsafe requests.deallocate() }

  @unsafe
  @inline(__always)
  private func place(_ rest: Int, isRequest: Bool) -> UnsafeMutablePointer<Place> {
    unsafe (isRequest ? requests : answers) + (rest & (Self.count &- 1))
  }

  @unsafe
  @inline(__always)
  private static func text(_ place: UnsafeMutablePointer<Place>) -> UnsafeMutableRawPointer {
    unsafe UnsafeMutableRawPointer(place) + (MemoryLayout<Place>.size &- MemoryLayout<Text>.size)
  }

  /// Adds to a head, of which nothing but the method was read, what follows from `start` on.
  ///
  /// - Returns: where the head ends; nil, and nothing is changed, where what follows is not known.
  @inline(__always)
  func recall(_ octets: RawSpan, from start: Int, isRequest: Bool, _ head: inout MessageHead) -> Int? {
    let rest = octets.byteCount &- start
    let place = unsafe place(rest, isRequest: isRequest)
    let length = unsafe Int(truncatingIfNeeded: place.pointee.length)
    guard start >= 0, length <= rest else { return nil }
    // So many octets are there.
    let isSame = unsafe octets.withUnsafeBytes { octets in
      unsafe tcpstated_same(octets.baseAddress.unsafelyUnwrapped + start, Self.text(place), length)
    }
    guard isSame else { return nil }
    unsafe place.pointee.others = 0
    head.facts = unsafe place.pointee.facts
    head.keepAliveTimeout = unsafe place.pointee.keepAliveTimeout
    head.keepAliveMaximum = unsafe place.pointee.keepAliveMaximum
    head.status = unsafe place.pointee.status
    head.contentLength = unsafe place.pointee.contentLength
    return start &+ length
  }

  /// What a plain message says that goes on with what is known from `start` on; nil where it is another.
  @inline(__always)
  func recallPlain(_ octets: RawSpan, from start: Int, isRequest: Bool, isHEAD: Bool = false) -> PlainHead? {
    let rest = octets.byteCount &- start
    let place = unsafe place(rest, isRequest: isRequest)
    let length = unsafe Int(truncatingIfNeeded: place.pointee.length)
    guard start >= 0, length <= rest, unsafe place.pointee.isPlain else { return nil }
    // So many octets are there.
    let isSame = unsafe octets.withUnsafeBytes { octets in
      unsafe tcpstated_same(octets.baseAddress.unsafelyUnwrapped + start, Self.text(place), length)
    }
    guard isSame else { return nil }
    unsafe place.pointee.others = 0
    let (facts, bodyLength) = unsafe (place.pointee.facts, place.pointee.contentLength)
    return PlainHead(end: start &+ length, bodyLength: bodyLength, facts: facts, isHEAD: isHEAD)
  }

  /// Keeps what a head said from `start` to its end. Where nothing is said twice, only now and then: it costs.
  @inline(__always)
  func keep(_ octets: RawSpan, from start: Int, to end: Int, isRequest: Bool, _ head: MessageHead) {
    guard isKept else { return }
    let place = unsafe place(octets.byteCount &- start, isRequest: isRequest)
    let others = unsafe place.pointee.others &+ 1
    unsafe place.pointee.others = others
    if others < 4 || others & 15 == 0 { write(octets, from: start, to: end, isRequest: isRequest, head) }
  }

  @inline(never)
  private func write(_ octets: RawSpan, from start: Int, to end: Int, isRequest: Bool, _ head: MessageHead) {
    let length = end &- start
    guard start >= 0, length > 0, length <= Text.count, end <= octets.byteCount else { return }
    let place = unsafe place(octets.byteCount &- start, isRequest: isRequest)
    // So many octets are there, and have room.
    unsafe octets.withUnsafeBytes { octets in
      let text = unsafe octets.baseAddress.unsafelyUnwrapped + start
      unsafe Self.text(place).copyMemory(from: text, byteCount: length)
    }
    unsafe place.pointee.length = UInt32(truncatingIfNeeded: length)
    unsafe place.pointee.facts = head.facts
    unsafe place.pointee.keepAliveTimeout = head.keepAliveTimeout
    unsafe place.pointee.keepAliveMaximum = head.keepAliveMaximum
    unsafe place.pointee.status = head.status
    unsafe place.pointee.contentLength = head.contentLength
    unsafe place.pointee.isPlain = head.isPlain
  }
}
