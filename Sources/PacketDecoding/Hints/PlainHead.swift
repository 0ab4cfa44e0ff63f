/// The head of a plain message, as most are: nothing counts of it but where its body ends, which its length tells, and
/// facts that are kept. In few words, for it to be handed over in registers.
package struct PlainHead: Sendable, BitwiseCopyable, Equatable {
  /// Where it ends among the octets.
  package let end: Int
  package let bodyLength: UInt64
  package let facts: HeadFacts
  /// A request that asks for no body.
  package let isHEAD: Bool
}

extension MessageHead {
  /// Whether it is one, unless it answers a request to which no body can be answered.
  var isPlain: Bool {
    // Without a length, `contentLength` is 0.
    usableLength && !facts.hasKeepAliveTimeout && !facts.hasKeepAliveMaximum && (isRequest || isUsualAnswer)
  }

  private var usableLength: Bool { usualBodyLength == contentLength }

  /// One that ends its request, and says nothing of it: 413 may come before the request's end.
  private var isUsualAnswer: Bool { isFinalAnswer && status != 413 }
}

extension HeadReader {
  /// What is said by a message whose head was read before, whole and plain; nil where it is another, or to be read
  /// first.
  ///
  /// - Parameter isRequest: what it is to be.
  package static func recall(_ octets: RawSpan, isRequest: Bool, _ memory: borrowing HeadMemory) -> PlainHead? {
    guard octets.holds(14, at: 0), octets.byteCount < Int(longestHead) else { return nil }
    guard isRequest else { return memory.recallPlain(octets, from: 0, isRequest: false) }
    let word = octets.uint64(at: 0)
    var (start, isHEAD) = (5, false)
    switch (word >> 32, word >> 24) {
    case (Stride.get, _): start = 4
    case (_, Stride.post): break
    case (_, Stride.head): isHEAD = true
    default: return nil
    }
    start = octets.endOfTarget(from: start)
    return memory.recallPlain(octets, from: start, isRequest: true, isHEAD: isHEAD)
  }
}
