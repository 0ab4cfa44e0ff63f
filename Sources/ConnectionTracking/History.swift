/// What happened on a connection, a letter an event, in the order of Zeek's `history` (upper case: the client).
///
/// 36 letters in 24 bytes; what comes after them is not kept.
package struct History: Sendable, BitwiseCopyable {
  /// The letters Zeek uses (scripts/base/protocols/conn/main.zeek).
  package enum Letter: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    case syn, synAck, ack, data, fin, rst, badChecksum, gap, retransmission, zeroWindow, finAndRST, synAndFINOrRST
    case rolesFlipped

    var ascii: UInt8 {
      switch self {
      case .syn: UInt8(ascii: "s")
      case .synAck: UInt8(ascii: "h")
      case .ack: UInt8(ascii: "a")
      case .data: UInt8(ascii: "d")
      case .fin: UInt8(ascii: "f")
      case .rst: UInt8(ascii: "r")
      case .badChecksum: UInt8(ascii: "c")
      case .gap: UInt8(ascii: "g")
      case .retransmission: UInt8(ascii: "t")
      case .zeroWindow: UInt8(ascii: "w")
      case .finAndRST: UInt8(ascii: "i")
      case .synAndFINOrRST: UInt8(ascii: "q")
      case .rolesFlipped: UInt8(ascii: "^")
      }
    }
  }

  private static let lettersPerWord = 12
  private static let bitsPerLetter = 5
  private static let capacity = 36

  /// Five bits a letter: four for the letter, one for who sent it. The top four bits of a word are the number of its
  /// letters.
  private var words: (UInt64, UInt64, UInt64) = (0, 0, 0)

  package init() {}

  init(_ first: UInt64, _ rest: (UInt64, UInt64)) {
    words = (first, rest.0, rest.1)
  }

  /// What does not fit the first word.
  var rest: (UInt64, UInt64) { (words.1, words.2) }

  /// The number of letters.
  package var count: Int {
    Self.letters(in: words.0) + Self.letters(in: words.1) + Self.letters(in: words.2)
  }

  private static let countShift: UInt64 = 60

  @inline(__always)
  private static func letters(in word: UInt64) -> Int { Int(truncatingIfNeeded: word >> countShift) }

  @inline(__always)
  package mutating func append(_ letter: Letter, by role: Role) {
    if !Self.append(letter, by: role, to: &words.0) { appendFurther(Self.code(letter, role)) }
  }

  /// Adds a letter to the first word, which few connections have more than; false when it is full.
  @inline(__always)
  static func append(_ letter: Letter, by role: Role, to word: inout UInt64) -> Bool {
    guard hasRoom(word) else { return false }
    add(letter, by: role, to: &word)
    return true
  }

  /// The same, where there is room.
  @inline(__always)
  static func add(_ letter: Letter, by role: Role, to word: inout UInt64) {
    word = (word | UInt64(code(letter, role)) &<< UInt64(letters(in: word) &* bitsPerLetter)) &+ 1 &<< countShift
  }

  @inline(__always)
  static func hasRoom(_ word: UInt64, for count: Int = 1) -> Bool { letters(in: word) <= lettersPerWord &- count }

  @inline(__always)
  private static func code(_ letter: Letter, _ role: Role) -> UInt8 {
    (letter.rawValue + 1) | (role == .client ? 0x10 : 0)
  }

  @inline(never)
  private mutating func appendFurther(_ code: UInt8) {
    let position = count
    if position < Self.capacity { set(code, at: position) }
  }

  /// Sets a mark before everything else, and turns each letter's case: the roles were the other way round.
  package mutating func flipRoles() {
    let length = count
    var flipped = History()
    flipped.append(.rolesFlipped, by: .server)
    for position in 0..<length {
      let code = code(at: position)
      guard let letter = Letter(rawValue: (code & 0x0F) - 1) else { continue }
      flipped.append(letter, by: code & 0x10 != 0 ? .server : .client)
    }
    self = flipped
  }

  private func code(at position: Int) -> UInt8 {
    let shift = UInt64(position % Self.lettersPerWord * Self.bitsPerLetter)
    return UInt8(truncatingIfNeeded: word(position / Self.lettersPerWord) >> shift) & 0x1F
  }

  private mutating func set(_ code: UInt8, at position: Int) {
    let bits = UInt64(code) << UInt64(position % Self.lettersPerWord * Self.bitsPerLetter) | 1 << Self.countShift
    switch position / Self.lettersPerWord {
    case 0: words.0 &+= bits
    case 1: words.1 &+= bits
    default: words.2 &+= bits
    }
  }

  private func word(_ index: Int) -> UInt64 {
    switch index {
    case 0: words.0
    case 1: words.1
    default: words.2
    }
  }
}

extension History {
  /// The first of all was the client's SYN.
  var opensWithSYN: Bool { code(at: 0) == Self.code(.syn, .client) }

  /// The client's SYN, and then its RST with nothing of its own in between but data (Zeek's `^?S[^HAFGIQ]*R.*`).
  var opensWithUnansweredReset: Bool {
    var letters = Substring(description)
    if letters.first == "^" { letters.removeFirst() }
    guard letters.first == "S", let reset = letters.firstIndex(of: "R") else { return false }
    return !letters[..<reset].contains { "HAFGIQ".contains($0) }
  }
}

extension History: CustomStringConvertible {
  package var description: String {
    var text = ""
    for position in 0..<count {
      let code = code(at: position)
      guard let letter = Letter(rawValue: (code & 0x0F) - 1) else { continue }
      let isClient = code & 0x10 != 0 && letter != .rolesFlipped
      let scalar = Unicode.Scalar(isClient ? letter.ascii - 0x20 : letter.ascii)
      text.unicodeScalars.append(scalar)
    }
    return text
  }
}
