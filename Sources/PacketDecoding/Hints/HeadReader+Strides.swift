/// What most heads are made of, several octets at a time.
///
/// Nothing is decided here that would be decided otherwise octet by octet: what is not whole or not usual is left to that.
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

/// Octets in the order of the network; a test spells them.
enum Stride {
  static let get: UInt64 = 0x4745_5420
  static let put: UInt64 = 0x5055_5420
  static let head: UInt64 = 0x48_4541_4420
  static let post: UInt64 = 0x50_4F53_5420
  static let http11: UInt64 = 0x4854_5450_2F31_2E31
  static let lineEnd: UInt16 = 0x0D0A

  static let expect: UInt64 = 0x6578_7065_6374
  static let upgrade: UInt64 = 0x75_7067_7261_6465
  static let connecti: UInt64 = 0x636F_6E6E_6563_7469
  static let nnection: UInt64 = 0x6E6E_6563_7469_6F6E
  static let keepAli: UInt64 = 0x6B65_6570_2D61_6C69
  static let epAlive: UInt64 = 0x6570_2D61_6C69_7665
  static let content: UInt64 = 0x636F_6E74_656E_742D
  static let tLength: UInt64 = 0x742D_6C65_6E67_7468
  static let transfer: UInt64 = 0x7472_616E_7366_6572
  static let encoding: UInt64 = 0x656E_636F_6469_6E67

  static let lineFeeds: UInt64 = 0x0A0A_0A0A_0A0A_0A0A
  static let colons: UInt64 = 0x3A3A_3A3A_3A3A_3A3A
}

extension RawSpan {
  @inline(__always)
  fileprivate func holds(_ count: Int, at offset: Int) -> Bool { holds(count, at: offset, before: byteCount) }

  /// How far behind `start` the first colon is, unless it is farther than any name that means something here.
  fileprivate func colon(behind start: Int) -> Int? {
    for stride in 0..<3 {
      let offset = start + 8 * stride
      guard holds(8, at: offset) else { return nil }
      if let found = uint64(at: offset).first(of: Stride.colons) { return 8 * stride + found }
    }
    return nil
  }
}

extension UInt64 {
  /// Which of its octets, the most significant first, is the first that equals the one that `octets` repeats.
  @inline(__always)
  fileprivate func first(of octets: UInt64) -> Int? {
    let others = byteSwapped ^ octets
    // The lowest bit that the subtraction borrows is right; others need not be.
    let found = (others &- 0x0101_0101_0101_0101) & ~others & 0x8080_8080_8080_8080
    return found == 0 ? nil : found.trailingZeroBitCount / 8
  }

  /// Whether it is this text, whose letters are in lower case, in letters of any case.
  @inline(__always)
  fileprivate func spells(_ text: UInt64) -> Bool {
    // Of what stands in names, letters alone have the bit 0x40.
    self | (text & 0x4040_4040_4040_4040) >> 1 == text
  }
}
