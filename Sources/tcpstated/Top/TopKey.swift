/// A key as a terminal sends it (ECMA-48, and what xterm does).
enum TopKey: Equatable {
  case character(Character)
  case up, down, left, right, pageUp, pageDown, home, end
  case enter, escape, backspace, interrupt

  /// The keys in what was read at once: an escape that nothing follows is the key itself.
  static func read(_ bytes: [UInt8]) -> [TopKey] {
    var keys: [TopKey] = []
    var rest = bytes[...]
    while let byte = rest.first {
      switch byte {
      case 0x1B: keys += sequence(&rest)
      case 0x03: keys.append(.interrupt)
      case 0x0A, 0x0D: keys.append(.enter)
      case 0x08, 0x7F: keys.append(.backspace)
      case 0x20...: keys += text(&rest)
      default: break
      }
      // Text and sequences have taken their own.
      if byte < 0x20 && byte != 0x1B || byte == 0x7F { rest.removeFirst() }
    }
    return keys
  }

  private static func text(_ rest: inout ArraySlice<UInt8>) -> [TopKey] {
    if rest.first == 0x7F { return [] }
    let run = rest.prefix { $0 >= 0x20 && $0 != 0x7F }
    rest = rest.dropFirst(run.count)
    return String(decoding: run, as: UTF8.self).map { .character($0) }
  }

  /// `ESC [ A`, `ESC O A`, `ESC [ 5 ~`; others are no key of ours.
  private static func sequence(_ rest: inout ArraySlice<UInt8>) -> [TopKey] {
    rest.removeFirst()
    guard let introducer = rest.first, introducer == UInt8(ascii: "[") || introducer == UInt8(ascii: "O") else {
      return [.escape]
    }
    rest.removeFirst()
    let parameters = rest.prefix { (0x30...0x3F).contains($0) }
    rest = rest.dropFirst(parameters.count)
    guard let final = rest.popFirst() else { return [] }
    switch (final, String(decoding: parameters, as: UTF8.self)) {
    case (UInt8(ascii: "A"), _): return [.up]
    case (UInt8(ascii: "B"), _): return [.down]
    case (UInt8(ascii: "C"), _): return [.right]
    case (UInt8(ascii: "D"), _): return [.left]
    case (UInt8(ascii: "H"), _), (UInt8(ascii: "~"), "1"), (UInt8(ascii: "~"), "7"): return [.home]
    case (UInt8(ascii: "F"), _), (UInt8(ascii: "~"), "4"), (UInt8(ascii: "~"), "8"): return [.end]
    case (UInt8(ascii: "~"), "5"): return [.pageUp]
    case (UInt8(ascii: "~"), "6"): return [.pageDown]
    default: return []
    }
  }
}
