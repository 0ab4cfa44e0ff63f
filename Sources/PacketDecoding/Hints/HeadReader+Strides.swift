/// What is read several octets at a time.
///
/// Nothing is decided here that would be decided otherwise octet by octet: what is not whole or not usual is left to
/// that.
extension HeadReader {
  /// The status of a version we know, or a common method and its target: what a start line begins with.
  ///
  /// - Returns: where that ends. If that is no usual end, what was read is no usual start.
  @inline(__always)
  mutating func takeUsualBeginning(_ octets: RawSpan, from start: Int) -> Int? {
    guard octets.holds(14, at: start) else { return nil }
    let word = octets.uint64(at: start)
    return word >> 32 == Stride.http
      ? takeUsualStatus(octets, from: start, word) : takeUsualTarget(octets, from: start, word)
  }

  /// A common method and its target.
  ///
  /// - Parameter word: what begins at `start`.
  @inline(__always)
  mutating func takeUsualTarget(_ octets: RawSpan, from start: Int, _ word: UInt64) -> Int? {
    let method: (method: HTTPMethod, length: Int) =
      switch (word >> 32, word >> 24) {
      case (Stride.get, _): (.get, 4)
      case (_, Stride.post): (.post, 5)
      case (Stride.put, _): (.put, 4)
      case (_, Stride.head): (.head, 5)
      default: otherMethod(word)
      }
    guard method.length > 0 else { return nil }
    head.method = method.method
    size = UInt16(truncatingIfNeeded: method.length &+ 11)
    return octets.endOfTarget(from: start &+ method.length)
  }

  @inline(never)
  private func otherMethod(_ word: UInt64) -> (HTTPMethod, Int) {
    switch (word >> 16, word >> 8, word) {
    case (Stride.patch, _, _): (.patch, 6)
    case (_, Stride.delete, _): (.delete, 7)
    case (_, _, Stride.options): (.options, 8)
    default: (.other, 0)
    }
  }

  /// The status of a version we know.
  ///
  /// - Parameter word: what begins at `start`.
  @inline(__always)
  mutating func takeUsualStatus(_ octets: RawSpan, from start: Int, _ word: UInt64) -> Int? {
    guard word | 1 == Stride.http11 else { return nil }
    // What comes before the digits is known.
    let code = octets.uint64(at: start &+ 5)
    let digits = UInt32(truncatingIfNeeded: code >> 8) & 0x00FF_FFFF ^ 0x0030_3030
    // What is more than 9 has one of these bits, or gets it.
    guard code & 0xFF_0000_00FF == 0x20_0000_0020, (digits | (digits &+ 0x0006_0606)) & 0x00F0_F0F0 == 0,
      digits >> 16 > 0
    else { return nil }
    head.status = UInt16(truncatingIfNeeded: (digits >> 16) &* 100 &+ (digits >> 8 & 0xF) &* 10 &+ digits & 0xF)
    head.facts.isHTTP10 = word & 1 == 0
    head.facts.isConfirmed = true
    size = 13
    return start &+ 12
  }

  /// What follows the target, ` HTTP/1.1` and no more, or the status: anything.
  ///
  /// - Returns: the lines from `offset` on, which is behind the start line then; nil, and it is not moved, where that
  ///   does not end, or not so.
  @inline(__always)
  mutating func takeUsualEnding(_ octets: RawSpan, from start: Int, _ offset: inout Int) -> LineEnds? {
    var lines = LineEnds(from: start)
    guard let end = lines.next(octets) else { return nil }
    if head.isRequest {
      guard start &+ 10 == end, octets.holds(11, at: start), octets.uint8(at: start) == 0x20 else { return nil }
      let version = octets.uint64(at: start &+ 1)
      guard version | 1 == Stride.http11, octets.uint8(at: start &+ 9) == .carriageReturn else { return nil }
      head.facts.isHTTP10 = version & 1 == 0
      head.facts.isConfirmed = true
    }
    offset = end &+ 1
    state = .lineStart
    return lines
  }

  /// The rest of a line that says nothing here.
  mutating func skipLine(_ octets: RawSpan, _ offset: inout Int) {
    guard let next = octets.nextLine(from: offset) else {
      offset = octets.byteCount
      return
    }
    offset = next
    state = .lineStart
  }

  /// Letters and hyphens, which mean nothing but themselves, or digits of a length.
  mutating func readWord(_ octets: RawSpan, _ offset: inout Int) {
    var (word, position) = (word, offset)
    defer { (self.word, offset) = (word, position) }
    guard field != .contentLength else {
      while octets.holds(1, at: position), octets.uint8(at: position).decimalDigit != nil {
        addToNumber(octets.uint8(at: position))
        word.add(lowercase: octets.uint8(at: position))
        position &+= 1
      }
      return
    }
    while octets.holds(1, at: position) {
      let octet = octets.uint8(at: position)
      guard octet.isLetter || octet == UInt8(ascii: "-") else { break }
      word.add(lowercase: octet.asLetter)
      position &+= 1
    }
  }
}
