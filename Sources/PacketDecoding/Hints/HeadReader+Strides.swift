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

  /// A line that begins with a letter: a field that means something here, or one that does not.
  mutating func takeUsualName(_ octets: RawSpan, _ offset: inout Int) -> Bool {
    let octet = octets.uint8(at: offset)
    guard octet.isLetter, size < Self.longestHead - 2 else { return false }
    guard Field.mayBegin(with: octet) else {
      size += 1
      ignoreLine()
      return true
    }
    guard let length = octets.colon(behind: offset), octets.uint8(at: offset + length - 1).isLetter else {
      return false
    }
    size += 2
    let name = Field(octets, at: offset, length: length)
    guard name != .other else {
      ignoreLine()
      return true
    }
    finishField()
    field = name
    enter(.value)
    offset += length + 1
    if octets.holds(1, at: offset), octets.uint8(at: offset) == 0x20 {
      offset += 1
      size += 1
    }
    return true
  }

  private mutating func ignoreLine() {
    finishField()
    enter(.ignored)
  }

  /// A value's line is over, mostly.
  mutating func takeUsualEnd(_ octets: RawSpan, _ offset: inout Int) -> Bool {
    guard octets.byteCount - offset >= 2, octets.uint16(at: offset) == Stride.lineEnd, size < Self.longestHead - 1
    else {
      return false
    }
    offset += 2
    size += 2
    state = .lineStart
    return true
  }

  /// The rest of a line that says nothing here.
  mutating func skipLine(_ octets: RawSpan, _ offset: inout Int) {
    while octets.holds(8, at: offset) {
      guard let end = octets.uint64(at: offset).first(of: Stride.lineFeeds) else {
        offset += 8
        continue
      }
      offset += end + 1
      state = .lineStart
      return
    }
    while offset < octets.byteCount {
      let octet = octets.uint8(at: offset)
      offset += 1
      if octet == .lineFeed {
        state = .lineStart
        return
      }
    }
  }

  /// Up to what may end a target, or must not be in it.
  func skipTarget(_ octets: RawSpan, _ offset: inout Int) {
    var position = offset
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
        word.add(octets.uint8(at: position))
        position += 1
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

extension HeadReader.Field {
  /// By its name, which has so many octets; eight can be read from its start on.
  fileprivate init(_ octets: RawSpan, at start: Int, length: Int) {
    let first = octets.uint64(at: start)
    let last = length >= 8 ? octets.uint64(at: start + length - 8) : 0
    self =
      switch length {
      case 6 where (first >> 16).spells(Stride.expect): .expect
      case 7 where (first >> 8).spells(Stride.upgrade): .upgrade
      case 10 where first.spells(Stride.connecti) && last.spells(Stride.nnection): .connection
      case 10 where first.spells(Stride.keepAli) && last.spells(Stride.epAlive): .keepAlive
      case 14 where first.spells(Stride.content) && last.spells(Stride.tLength): .contentLength
      case 17
      where first.spells(Stride.transfer) && last.spells(Stride.encoding)
        && octets.uint8(at: start + 8) == UInt8(ascii: "-"):
        .transferEncoding
      default: .other
      }
  }
}
