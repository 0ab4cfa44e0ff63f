/// Fields that mean something, with names and values as they usually are, in letters of any case.
///
/// Each is a line and the octet that follows, for it to be seen that the next line does not go on with this one. What is
/// spelled otherwise is left to be read octet by octet, and false returned.
extension HeadReader {
  @inline(__always)
  mutating func takeUsualField(_ line: RawSpan) -> Bool {
    // None is shorter.
    guard line.byteCount >= 20, !line.uint8(at: line.byteCount &- 1).isSpaceOrTab else { return false }
    // Letters are lower case then; a hyphen may have been something else, and is looked at again.
    let name = line.uint64(at: 0) | Stride.lowerCase
    switch name {
    case Stride.connecti where line.uint64(at: 2).spells(Stride.nnection):
      return takeUsualConnection(line) || begin(.connection, line)
    case Stride.content where line.uint64(at: 6).spells(Stride.tLength):
      return takeUsualLength(line) || begin(.contentLength, line)
    case Stride.keepAli where line.uint64(at: 2).spells(Stride.epAlive):
      return takeUsualKeepAlive(line) || begin(.keepAlive, line)
    case Stride.transfer where line.uint64(at: 8).spells(Stride.encodin):
      return takeUsualCoding(line) || line.uint8(at: 16).asLetter == UInt8(ascii: "g") && begin(.transferEncoding, line)
    case _ where name >> 8 == Stride.upgrade:
      guard line.uint8(at: 7).mayBeInName else { return begin(.upgrade, line) }
    case _ where name >> 16 == Stride.expect:
      guard line.uint8(at: 6).mayBeInName else { return begin(.expect, line) }
    default: break
    }
    // The name is another.
    size &+= 2
    return true
  }

  /// The value is left to be read octet by octet.
  @inline(never)
  private mutating func begin(_ new: Field, _ line: RawSpan) -> Bool {
    guard line.holds(2, at: new.nameLength), line.uint16(at: new.nameLength) == Stride.colonSpace else { return false }
    field = new
    enter(.value)
    size &+= 3
    return false
  }

  @inline(__always)
  private mutating func takeUsualConnection(_ line: RawSpan) -> Bool {
    let value = line.uint64(at: 10)
    if line.byteCount == 20 {
      guard value.spells(Stride.closeValue) else { return false }
      head.facts.asksClose = true
    } else {
      guard line.byteCount == 25, value.spells(Stride.keepAValue), line.uint64(at: 16).spells(Stride.aliveEnd) else {
        return false
      }
      head.facts.asksKeepAlive = true
    }
    size &+= 5
    return true
  }

  @inline(__always)
  private mutating func takeUsualLength(_ line: RawSpan) -> Bool {
    var position = 16
    guard line.uint16(at: 14) == Stride.colonSpace, let length = line.decimal(at: &position), line.ends(at: position)
    else { return false }
    noteLength(length)
    size &+= 5
    return true
  }

  @inline(__always)
  private mutating func takeUsualCoding(_ line: RawSpan) -> Bool {
    guard line.byteCount == 29, line.uint64(at: 16).spells(Stride.gChunk), line.uint64(at: 19).spells(Stride.chunkedEnd)
    else { return false }
    head.facts.hasTransferEncoding = true
    head.facts.endsChunked = true
    size &+= 5
    return true
  }

  /// A time-out, and a maximum perhaps.
  @inline(__always)
  private mutating func takeUsualKeepAlive(_ line: RawSpan) -> Bool {
    var position = 20
    guard line.uint64(at: 10).spells(Stride.timeouValue), line.uint64(at: 12).spells(Stride.timeoutIs),
      let timeout = line.decimal(at: &position)
    else { return false }
    var maximum: UInt64?
    if !line.ends(at: position) {
      guard line.takesMaximum(at: &position), let number = line.decimal(at: &position), line.ends(at: position) else {
        return false
      }
      maximum = number
    }
    note(timeout: timeout)
    if let maximum { note(maximum: maximum) }
    // All that is not in words.
    size &+= UInt16(truncatingIfNeeded: position) &- (maximum == nil ? 14 : 17)
    return true
  }
}

extension RawSpan {
  /// Whether nothing but CR, LF and the octet behind the line follows.
  @inline(__always)
  fileprivate func ends(at position: Int) -> Bool {
    position &+ 3 == byteCount && uint8(at: byteCount &- 3) == .carriageReturn
  }

  @inline(__always)
  fileprivate func takesMaximum(at position: inout Int) -> Bool {
    let text: UInt64 = 0xFFFF_FFFF_FFFF
    guard holds(8, at: position &- 2), (uint64(at: position &- 2) & text).spells(Stride.commaMaxIs) else {
      return false
    }
    position &+= 6
    return true
  }

  /// A number of up to 18 digits, which it can hold.
  @inline(__always)
  fileprivate func decimal(at position: inout Int) -> UInt64? {
    let start = position
    var value: UInt64 = 0
    while position &- start < 18, holds(1, at: position), let digit = uint8(at: position).decimalDigit {
      value = value &* 10 &+ UInt64(digit)
      position &+= 1
    }
    return position == start ? nil : value
  }
}

extension UInt8 {
  fileprivate var mayBeInName: Bool { isLetter || self == UInt8(ascii: "-") }
}
