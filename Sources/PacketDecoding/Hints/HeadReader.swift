/// Reads the head of an HTTP/1 message and can stop at any octet: a head that continues in the next segment is resumed.
/// Lenient as receivers are (RFC 9112, 2.2 and 5.2): bare LF, empty lines before the start line, folded lines, letters
/// of either case.
@usableFromInline
package struct HeadReader: Sendable, BitwiseCopyable {
  @usableFromInline
  package enum Progress: Sendable {
    /// The octets end before the head does.
    case partial
    case complete
    case notAHead
  }

  @usableFromInline package internal(set) var head: MessageHead
  @usableFromInline var number: UInt64
  @usableFromInline var word: WordHash
  /// Octets of the head so far, but for targets and lines that say nothing.
  @usableFromInline var size: UInt16
  @usableFromInline var state: State
  @usableFromInline var field: Field

  @usableFromInline
  enum State: UInt8, Sendable, BitwiseCopyable {
    case leadingLines, startWord, target, requestVersion, responseVersion, status, reason
    case lineStart, finalLineFeed, name, nameEnd, value, parameter
    case ignored
  }

  @usableFromInline
  enum Field: UInt8, Sendable, BitwiseCopyable {
    case other, connection, contentLength, expect, keepAlive, transferEncoding, upgrade
  }

  /// Longer heads are refused by servers, too.
  static let longestHead: UInt16 = 65_000
  private static let longestMethod: UInt16 = 24

  @inlinable
  package init() {
    (head, number, word) = (MessageHead(), 0, WordHash())
    (size, state, field) = (0, .leadingLines, .other)
  }

  /// Whether what was read looks like a head enough to believe it without its rest.
  package var isPlausible: Bool {
    head.facts.isConfirmed || head.method != .other && state != .startWord
  }

  /// Whether a head may begin with these octets; a record of TLS does not, then.
  @inlinable @inline(__always)
  package static func mayBegin(_ octets: RawSpan) -> Bool {
    guard octets.byteCount > 0 else { return false }
    return octets.uint8(at: 0) >= UInt8(ascii: "A")
  }

  /// Reads on at `offset`, and leaves it behind the last octet that was read: behind the head when it is complete.
  package mutating func read(_ octets: RawSpan, from offset: inout Int) -> Progress {
    while offset < octets.byteCount {
      switch state {
      case .ignored, .reason:
        skipLine(octets, &offset)
        continue
      case .leadingLines where size == 0, .lineStart:
        if takeUsualLines(octets, &offset) { return .complete }
        if offset == octets.byteCount { return .partial }
        if state == .lineStart, takeUsualName(octets, &offset) { continue }
      case .target:
        offset = octets.endOfTarget(from: offset)
        if offset == octets.byteCount { return .partial }
      case .name, .value:
        readWord(octets, &offset)
        if offset == octets.byteCount { return .partial }
        if state == .value, takeUsualEnd(octets, &offset) { continue }
      default: break
      }
      let octet = octets.uint8(at: offset)
      offset += 1
      guard size < Self.longestHead else { return .notAHead }
      size += 1
      switch take(octet) {
      case .partial: break
      case .complete: return .complete
      case .notAHead: return .notAHead
      }
    }
    return .partial
  }

  private mutating func take(_ octet: UInt8) -> Progress {
    switch state {
    case .leadingLines: takeLeading(octet)
    case .startWord: takeStartWord(octet)
    case .target: takeTarget(octet)
    case .requestVersion: takeRequestVersion(octet)
    case .responseVersion: takeResponseVersion(octet)
    case .status: takeStatus(octet)
    case .lineStart: takeLineStart(octet)
    case .finalLineFeed: octet == .lineFeed ? .complete : .notAHead
    case .name, .nameEnd: takeName(octet)
    case .value, .parameter: takeValue(octet)
    case .reason, .ignored: .partial
    }
  }

  // MARK: Start line

  private mutating func takeLeading(_ octet: UInt8) -> Progress {
    if octet == .carriageReturn || octet == .lineFeed { return .partial }
    state = .startWord
    return takeStartWord(octet)
  }

  private mutating func takeStartWord(_ octet: UInt8) -> Progress {
    switch octet {
    case UInt8(ascii: "/") where word.value == Word.http:
      enter(.responseVersion)
    case 0x20 where !word.isEmpty:
      head.method = HTTPMethod(word)
      head.facts.isHTTP2Preface = word.value == Word.pri
      enter(.target)
    default:
      guard octet.isLetter || octet == UInt8(ascii: "-"), size <= Self.longestMethod else { return .notAHead }
      word.add(octet)
    }
    return .partial
  }

  private mutating func takeTarget(_ octet: UInt8) -> Progress {
    if octet == 0x20 { enter(.requestVersion) }
    return octet < 0x20 || octet == 0x7F ? .notAHead : .partial
  }

  /// A target may hold spaces, sent by those who do not encode them: the last word of the line is the version.
  private mutating func takeRequestVersion(_ octet: UInt8) -> Progress {
    switch octet {
    case .carriageReturn: return .partial
    case 0x20: word = .empty
    case .lineFeed:
      head.facts.isHTTP10 = word.value == Word.http10
      let isHTTP2 = word.value == Word.http20 && head.facts.isHTTP2Preface
      guard isHTTP2 || head.facts.isHTTP10 || word.value == Word.http11 else { return .notAHead }
      head.facts.isHTTP2Preface = isHTTP2
      head.facts.isConfirmed = true
      enter(.lineStart)
    default:
      guard octet > 0x20 else { return .notAHead }
      word.add(octet)
    }
    return .partial
  }

  private mutating func takeResponseVersion(_ octet: UInt8) -> Progress {
    guard octet == 0x20 else {
      word.add(octet)
      return octet > 0x20 ? .partial : .notAHead
    }
    guard word.value == Word.version11 || word.value == Word.version10 else { return .notAHead }
    head.facts.isHTTP10 = word.value == Word.version10
    enter(.status)
    return .partial
  }

  private mutating func takeStatus(_ octet: UInt8) -> Progress {
    if let digit = octet.decimalDigit, number < 100 {
      number = number * 10 + UInt64(digit)
      return .partial
    }
    guard number >= 100, octet.isSpaceOrTab || octet == .carriageReturn || octet == .lineFeed else { return .notAHead }
    head.status = UInt16(number)
    head.facts.isConfirmed = true
    enter(octet == .lineFeed ? .lineStart : .reason)
    return .partial
  }

  // MARK: Fields

  /// A line that begins with space goes on with the field before it (RFC 9112, 5.2).
  private mutating func takeLineStart(_ octet: UInt8) -> Progress {
    if octet.isSpaceOrTab {
      state = field == .other ? .ignored : .value
      return .partial
    }
    finishField()
    switch octet {
    case .carriageReturn: enter(.finalLineFeed)
    case .lineFeed: return .complete
    default:
      // Most names show by their first letter that they say nothing here.
      guard octet.isLetter, Field.mayBegin(withLetter: octet) else {
        enter(.ignored)
        return .partial
      }
      enter(.name)
      return takeName(octet)
    }
    return .partial
  }

  /// Behind white space a name is over (RFC 9112, 5.1).
  private mutating func takeName(_ octet: UInt8) -> Progress {
    switch octet {
    case UInt8(ascii: ":"):
      field = Field(word)
      enter(field == .other ? .ignored : .value)
    case .lineFeed: enter(.lineStart)
    case 0x20, 0x09, .carriageReturn: state = .nameEnd
    default:
      if state == .name { word.add(octet) } else { enter(.ignored) }
    }
    return .partial
  }

  mutating func enter(_ new: State) {
    state = new
    word = .empty
    number = 0
  }
}

extension UInt8 {
  static let carriageReturn: UInt8 = 0x0D
  static let lineFeed: UInt8 = 0x0A
}
