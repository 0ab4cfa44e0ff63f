/// What most heads are made of, several octets at a time.
///
/// Nothing is decided here that would be decided otherwise octet by octet: what is not whole or not usual is left to
/// that.
extension HeadReader {
  /// The start of a status line, or a common method.
  mutating func takeUsualStart(_ octets: RawSpan, _ offset: inout Int) -> Bool {
    guard octets.byteCount - offset >= 13 else { return false }
    let word = octets.uint64(at: offset)
    if word | 1 == Stride.http11 { return takeUsualStatus(octets, &offset, isHTTP10: word & 1 == 0) }
    let length: UInt16
    switch (word >> 32, word >> 24) {
    case (Stride.get, _): (head.method, length) = (.get, 4)
    case (Stride.put, _): (head.method, length) = (.put, 4)
    case (_, Stride.head): (head.method, length) = (.head, 5)
    case (_, Stride.post): (head.method, length) = (.post, 5)
    default: return false
    }
    offset += Int(length)
    size = length
    enter(.target)
    return true
  }

  private mutating func takeUsualStatus(_ octets: RawSpan, _ offset: inout Int, isHTTP10: Bool) -> Bool {
    guard octets.uint8(at: offset + 8) == 0x20, octets.uint8(at: offset + 12) == 0x20,
      let hundreds = octets.uint8(at: offset + 9).decimalDigit, hundreds > 0,
      let tens = octets.uint8(at: offset + 10).decimalDigit,
      let ones = octets.uint8(at: offset + 11).decimalDigit
    else { return false }
    head.status = UInt16(hundreds) * 100 + UInt16(tens) * 10 + UInt16(ones)
    head.facts.isHTTP10 = isHTTP10
    head.facts.isConfirmed = true
    offset += 13
    size = 13
    enter(.reason)
    return true
  }

  /// Behind a target: ` HTTP/1.1`, and the line ends.
  mutating func takeUsualVersion(_ octets: RawSpan, _ offset: inout Int) -> Bool {
    guard octets.byteCount - offset >= 11, octets.uint8(at: offset) == 0x20,
      octets.uint64(at: offset + 1) == Stride.http11, octets.uint16(at: offset + 9) == Stride.lineEnd
    else { return false }
    head.facts.isHTTP2Preface = false
    head.facts.isConfirmed = true
    offset += 11
    size &+= 11
    enter(.lineStart)
    return true
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

  /// Up to what may end a target, or must not be in it.
  func skipTarget(_ octets: RawSpan, _ offset: inout Int) {
    var position = offset
    while octets.holds(8, at: position) {
      if let end = octets.uint64(at: position).firstControlOrSpace {
        offset = position + end
        return
      }
      position += 8
    }
    while octets.holds(1, at: position), case let octet = octets.uint8(at: position), octet > 0x20, octet != 0x7F {
      position += 1
    }
    offset = position
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
