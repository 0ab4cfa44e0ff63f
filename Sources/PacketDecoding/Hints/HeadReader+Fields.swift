extension HeadReader.Field {
  init(_ word: WordHash) {
    self =
      switch word.value {
      case Word.connection: .connection
      case Word.contentLength: .contentLength
      case Word.expect: .expect
      case Word.keepAlive: .keepAlive
      case Word.transferEncoding: .transferEncoding
      case Word.upgrade: .upgrade
      default: .other
      }
  }

  /// With its colon.
  static let shortestName = 7

  /// Of those that mean something.
  var nameLength: Int {
    switch self {
    case .other: 0
    case .connection, .keepAlive: 10
    case .contentLength: 14
    case .expect: 6
    case .transferEncoding: 17
    case .upgrade: 7
    }
  }

  /// Whether a name may begin with a letter.
  @inline(__always)
  static func mayBegin(withLetter letter: UInt8) -> Bool {
    // A bit for each, the lowest for `a`.
    let first: UInt32 = 1 << 2 | 1 << 4 | 1 << 10 | 1 << 19 | 1 << 20
    return first >> UInt32(letter.asLetter &- UInt8(ascii: "a")) & 1 != 0
  }

  /// Whether a name may begin with four octets, or with others that are no letters.
  @inline(__always)
  static func mayBegin(with octets: UInt32) -> Bool {
    switch octets | Stride.lowerCase4 {
    case Stride.conn, Stride.cont, Stride.expe, Stride.keep, Stride.tran, Stride.upgr: true
    default: false
    }
  }
}

/// Values of fields: lists of words, of which each counts, with or without parameters (RFC 9110, 5.6).
extension HeadReader {
  mutating func takeValue(_ octet: UInt8) -> Progress {
    switch octet {
    case .lineFeed:
      state = .lineStart
    case 0x20, 0x09, .carriageReturn, UInt8(ascii: "\""):
      break
    case UInt8(ascii: ","):
      finishWord()
      state = .value
    case UInt8(ascii: ";"), UInt8(ascii: "/"):
      guard state == .value, field != .keepAlive else { break }
      finishWord()
      state = .parameter
    case UInt8(ascii: "=") where field == .keepAlive:
      beginNumber()
    default:
      if state == .value { addToWord(octet) } else if field == .keepAlive { addToNumber(octet) }
    }
    return .partial
  }

  /// What stands at the end of a field's last line is a whole word.
  mutating func finishField() {
    if field != .other { finishWord() }
    field = .other
  }

  private mutating func addToWord(_ octet: UInt8) {
    if field == .contentLength { addToNumber(octet) }
    word.add(octet)
  }

  mutating func addToNumber(_ octet: UInt8) {
    guard let digit = octet.decimalDigit else {
      if field == .contentLength { head.facts.hasInvalidLength = true }
      return
    }
    let (tens, overflows) = number.multipliedReportingOverflow(by: 10)
    let (sum, carries) = tens.addingReportingOverflow(UInt64(digit))
    number = overflows || carries ? .max : sum
  }

  /// Behind the name of a parameter of Keep-Alive, which `word` keeps.
  private mutating func beginNumber() {
    word.add(UInt8(ascii: "="))
    state = .parameter
    number = 0
  }

  private mutating func finishWord() {
    defer {
      word = .empty
      number = 0
    }
    guard !word.isEmpty else { return }
    switch field {
    case .connection: noteConnectionOption()
    case .contentLength: noteLength(number)
    case .expect: if word.value == Word.continue100 { head.facts.expectsContinue = true }
    case .keepAlive: noteKeepAliveParameter()
    case .transferEncoding:
      head.facts.hasTransferEncoding = true
      head.facts.endsChunked = word.value == Word.chunked
    case .upgrade:
      if word.value == Word.webSocket { head.facts.namesWebSocket = true }
      if word.value == Word.h2c { head.facts.namesH2C = true }
    case .other: break
    }
  }

  private mutating func noteConnectionOption() {
    switch word.value {
    case Word.close: head.facts.asksClose = true
    case Word.keepAlive: head.facts.asksKeepAlive = true
    case Word.upgrade: head.facts.asksUpgrade = true
    default: break
    }
  }

  mutating func noteLength(_ length: UInt64) {
    if head.facts.hasContentLength, head.contentLength != length { head.facts.hasInvalidLength = true }
    head.facts.hasContentLength = true
    head.contentLength = length
  }

  private mutating func noteKeepAliveParameter() {
    switch word.value {
    case Word.timeoutParameter: note(timeout: number)
    case Word.maxParameter: note(maximum: number)
    default: break
    }
  }

  mutating func note(timeout: UInt64) {
    head.facts.hasKeepAliveTimeout = true
    head.keepAliveTimeout = UInt16(clamping: timeout)
  }

  mutating func note(maximum: UInt64) {
    head.facts.hasKeepAliveMaximum = true
    head.keepAliveMaximum = UInt16(clamping: maximum)
  }
}
