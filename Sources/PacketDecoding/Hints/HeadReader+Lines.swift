/// Lines of a head, each as a whole where it stands whole in what was captured, and is usual.
extension HeadReader {
  /// All lines up to one that is left to be read octet by octet.
  ///
  /// - Returns: whether the head ends there.
  mutating func takeUsualLines(_ octets: RawSpan, _ offset: inout Int) -> Bool {
    var position = offset
    defer { offset = position }
    while octets.holds(2, at: position), size < Self.longestHead - 5 {
      guard octets.uint16(at: position) != Stride.lineEnd else {
        finishField()
        enter(.finalLineFeed)
        position += 2
        return true
      }
      let octet = octets.uint8(at: position)
      guard octet.isLetter else { return false }
      let mayMatter = Field.mayBegin(with: octet)
      if mayMatter {
        guard octets.holds(UsualName.longest, at: position), let name = UsualName(octets, at: position) else {
          return false
        }
        if name.field != .other {
          begin(name, octets, &position)
          guard takeUsualValue(octets, &position) else { return false }
          continue
        }
      }
      guard let next = octets.nextLine(from: position) else { return false }
      finishField()
      size += mayMatter ? 2 : 1
      position = next
    }
    return false
  }

  /// The start of a line whose end was not captured, and that says nothing here.
  mutating func takeUsualName(_ octets: RawSpan, _ offset: inout Int) -> Bool {
    let octet = octets.uint8(at: offset)
    guard octet.isLetter, size < Self.longestHead, !Field.mayBegin(with: octet) else { return false }
    size += 1
    finishField()
    enter(.ignored)
    return true
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

  @inline(__always)
  private mutating func begin(_ name: UsualName, _ octets: RawSpan, _ position: inout Int) {
    finishField()
    field = name.field
    enter(.value)
    size += 2
    position += name.length + 1
    if octets.holds(1, at: position), octets.uint8(at: position) == 0x20 {
      position += 1
      size += 1
    }
  }

  /// A value that is a single word, with its line's end; what else there is goes by octets, and by the state.
  @inline(__always)
  private mutating func takeUsualValue(_ octets: RawSpan, _ position: inout Int) -> Bool {
    switch field {
    case .connection: takeUsualOption(octets, &position)
    case .contentLength: takeUsualLength(octets, &position)
    default: false
    }
  }

  private mutating func takeUsualOption(_ octets: RawSpan, _ position: inout Int) -> Bool {
    guard octets.holds(8, at: position) else { return false }
    let value = octets.uint64(at: position)
    if (value >> 8).spells(Stride.closeLine) {
      word = WordHash(Word.close)
      position += 7
    } else if value.spells(Stride.keepAli), octets.holds(12, at: position),
      UInt64(octets.uint32(at: position + 8)).spells(Stride.veLine)
    {
      word = WordHash(Word.keepAlive)
      position += 12
    } else {
      return false
    }
    size += 2
    state = .lineStart
    return true
  }

  /// Up to so many digits that the number is no larger than it can hold.
  private mutating func takeUsualLength(_ octets: RawSpan, _ position: inout Int) -> Bool {
    var (end, value, letters) = (position, UInt64(0), WordHash.empty)
    while end &- position < 18, octets.holds(1, at: end), let digit = octets.uint8(at: end).decimalDigit {
      value = value &* 10 &+ UInt64(digit)
      letters.add(lowercase: octets.uint8(at: end))
      end &+= 1
    }
    guard octets.holds(2, at: end), octets.uint16(at: end) == Stride.lineEnd else { return false }
    (number, word) = (value, letters)
    position = end + 2
    size += 2
    state = .lineStart
    return true
  }
}

/// What a name means, in letters of any case.
private struct UsualName {
  let field: HeadReader.Field
  let length: Int

  /// With the colon.
  static let longest = 18

  /// Looks at so many octets, which are there. Nil when the colon is not right behind a name that means something.
  @inline(__always)
  init?(_ octets: RawSpan, at start: Int) {
    // Letters are lower case then; a hyphen may have been something else, and is looked at again.
    let letters = octets.uint64(at: start) | Stride.lowerCase
    switch letters {
    case Stride.connecti where octets.uint64(at: start + 2).spells(Stride.nnection): (field, length) = (.connection, 10)
    case Stride.keepAli where octets.uint64(at: start + 2).spells(Stride.epAlive): (field, length) = (.keepAlive, 10)
    case Stride.content where octets.uint64(at: start + 6).spells(Stride.tLength):
      (field, length) = (.contentLength, 14)
    case Stride.transfer
    where octets.uint64(at: start + 9).spells(Stride.encoding) && octets.uint8(at: start + 8) == UInt8(ascii: "-"):
      (field, length) = (.transferEncoding, 17)
    case _ where letters >> 8 == Stride.upgrade: (field, length) = (.upgrade, 7)
    case _ where letters >> 16 == Stride.expect: (field, length) = (.expect, 6)
    default:
      (field, length) = (.other, 0)
      return
    }
    guard octets.uint8(at: start + length) == UInt8(ascii: ":") else { return nil }
  }
}
