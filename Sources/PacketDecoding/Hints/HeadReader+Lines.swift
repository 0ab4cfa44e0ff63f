/// Heads as most are: of lines that stand whole in what was captured, and are usual.
///
/// Nothing is decided here that would be decided otherwise octet by octet: what is not whole or not usual is left to
/// that.
extension HeadReader {
  /// Reads a head from its start on that is usual, or was read before.
  ///
  /// - Returns: whether the head ends at `offset` then. Otherwise what is left to be read is read from there on.
  package mutating func readUsual(_ octets: RawSpan, from offset: inout Int, _ memory: borrowing HeadMemory) -> Bool {
    guard octets.holds(14, at: offset), octets.byteCount &- offset < Int(Self.longestHead) else { return false }
    let word = octets.uint64(at: offset)
    let isRequest = word >> 32 != Stride.http
    // Targets differ, statuses hardly.
    guard let start = isRequest ? takeUsualTarget(octets, from: offset, word) : offset else { return false }
    if let end = memory.recall(octets, from: start, isRequest: isRequest, &head) {
      offset = end
      return true
    }
    let first = offset
    guard isRequest || takeUsualStatus(octets, from: first, word) != nil,
      let lines = takeUsualEnding(octets, from: isRequest ? start : first &+ 12, &offset)
    else {
      self = HeadReader()
      return false
    }
    guard takeUsualLines(octets, &offset, lines) else { return false }
    memory.keep(octets, from: start, to: offset, isRequest: isRequest, head)
    return true
  }

  /// The start line, where nothing was read before, and the lines after it, up to one that is left to be read octet by
  /// octet.
  ///
  /// - Returns: whether the head ends there.
  mutating func takeUsualLines(_ octets: RawSpan, _ offset: inout Int) -> Bool {
    // However many of the octets are its own, it does not become too long.
    guard offset >= 0, octets.byteCount &- offset < Int(Self.longestHead) &- Int(size) else { return false }
    if state == .leadingLines { return takeUsualHead(octets, &offset) }
    if field != .other {
      guard !octets.uint8(at: offset).isSpaceOrTab else { return false }
      finishField()
    }
    return takeUsualLines(octets, &offset, LineEnds(from: offset))
  }

  private mutating func takeUsualHead(_ octets: RawSpan, _ offset: inout Int) -> Bool {
    guard let start = takeUsualBeginning(octets, from: offset),
      let lines = takeUsualEnding(octets, from: start, &offset)
    else {
      self = HeadReader()
      return false
    }
    return takeUsualLines(octets, &offset, lines)
  }

  /// - Parameter lines: from `offset` on.
  @inline(never)
  private mutating func takeUsualLines(_ octets: RawSpan, _ offset: inout Int, _ lines: consuming LineEnds) -> Bool {
    var lines = lines
    var start = offset
    defer { offset = start }
    while let end = lines.next(octets) {
      let octet = octets.uint8(at: start)
      guard octet.isLetter else {
        guard octet == .carriageReturn, end == start &+ 1 else { return false }
        enter(.finalLineFeed)
        start = end &+ 1
        return true
      }
      if !Field.mayBegin(withLetter: octet) {
        size &+= 1
      } else if end &- start < Field.shortestName || !Field.mayBegin(with: octets.uint32(at: start)) {
        size &+= 2
      } else if !takeUsualLine(octets, from: start, to: end) {
        // Its name may have been read.
        if state == .value { start &+= field.nameLength &+ 2 }
        return false
      }
      start = end &+ 1
    }
    return false
  }

  /// The start of a line whose end was not captured, and that says nothing here.
  mutating func takeUsualName(_ octets: RawSpan, _ offset: inout Int) -> Bool {
    let octet = octets.uint8(at: offset)
    guard octet.isLetter, size < Self.longestHead, !Field.mayBegin(withLetter: octet) else { return false }
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

  /// A line that begins like one with a field that means something.
  @inline(never)
  private mutating func takeUsualLine(_ octets: RawSpan, from start: Int, to end: Int) -> Bool {
    guard end &+ 1 < octets.byteCount else { return false }
    return takeUsualField(octets.extracting(start..<end &+ 2))
  }
}
