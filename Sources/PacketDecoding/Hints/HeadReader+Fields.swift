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

  static func mayBegin(with octet: UInt8) -> Bool {
    switch octet.lowercased {
    case UInt8(ascii: "c"), UInt8(ascii: "e"), UInt8(ascii: "k"), UInt8(ascii: "t"), UInt8(ascii: "u"): true
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
    case .contentLength: noteLength()
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

  private mutating func noteLength() {
    if head.facts.hasContentLength, head.contentLength != number { head.facts.hasInvalidLength = true }
    head.facts.hasContentLength = true
    head.contentLength = number
  }

  private mutating func noteKeepAliveParameter() {
    switch word.value {
    case Word.timeoutParameter:
      head.facts.hasKeepAliveTimeout = true
      head.keepAliveTimeout = UInt16(clamping: number)
    case Word.maxParameter:
      head.facts.hasKeepAliveMaximum = true
      head.keepAliveMaximum = UInt16(clamping: number)
    default: break
    }
  }
}
