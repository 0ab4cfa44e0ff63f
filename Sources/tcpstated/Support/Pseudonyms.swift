import PacketDecoding

/// Makes text fit to be shown to others: addresses and names become others, the same each time.
struct Pseudonyms {
  private let hash = SipHash()
  private var addresses: AddressPseudonyms
  private let hidesAddresses: Bool
  private let hidesNames: Bool
  /// Longest first, so that a name within another is not taken for it.
  private var names: [(name: [UInt8], pseudonym: [UInt8])] = []

  init(hidesAddresses: Bool, hidesNames: Bool) {
    addresses = AddressPseudonyms(hash: hash)
    self.hidesAddresses = hidesAddresses
    self.hidesNames = hidesNames
  }

  /// The kinds of names that are hidden.
  enum Kind: String {
    case host, unit, label, name
  }

  /// Units of the system that every host has tell nothing.
  private static let everywhere: Set<String> = [
    "tcpstated.service", "init.scope", "system.slice", "user.slice", "-.slice",
  ]
  private static let unitEndings = [".service", ".scope", ".slice", ".socket"]

  /// From now on `name` is replaced wherever it stands as a word of its own.
  mutating func hide(_ name: String, _ kind: Kind) {
    guard hidesNames, name.utf8.count > 1, !Self.everywhere.contains(name),
      !names.contains(where: { $0.name == Array(name.utf8) })
    else { return }
    names.append((Array(name.utf8), Array(pseudonym(of: name, kind).utf8)))
    names.sort { $0.name.count > $1.name.count }
  }

  private func pseudonym(of name: String, _ kind: Kind) -> String {
    let ending = Self.unitEndings.first { name.hasSuffix($0) } ?? ""
    let digits = String(hash.hash(Array(name.utf8)) & 0xFFFF_FFFF, radix: 16)
    return "\(kind.rawValue)-\(String(repeating: "0", count: 8 - digits.count))\(digits)\(ending)"
  }

  mutating func replace(in text: [UInt8]) -> [UInt8] {
    let named = hidesNames ? replaceNames(in: text) : text
    return hidesAddresses ? replaceAddresses(in: named) : named
  }

  // MARK: Names

  private mutating func replaceNames(in text: [UInt8]) -> [UInt8] {
    hideUnits(in: text)
    guard !names.isEmpty else { return text }
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var place = 0
    while place < text.count {
      if place == 0 || !Self.isOfWord(text[place - 1]), let hit = name(at: place, of: text) {
        result += hit.pseudonym
        place += hit.name.count
      } else {
        result.append(text[place])
        place += 1
      }
    }
    return result
  }

  private func name(at place: Int, of text: [UInt8]) -> (name: [UInt8], pseudonym: [UInt8])? {
    names.first { entry in
      let end = place + entry.name.count
      return end <= text.count && text[place..<end].elementsEqual(entry.name)
        && (end == text.count || !Self.isOfWord(text[end]))
    }
  }

  /// Units that no document named as such: what a log says of the past.
  private mutating func hideUnits(in text: [UInt8]) {
    for word in text.split(whereSeparator: { !Self.isOfUnit($0) }) {
      let name = String(decoding: word, as: UTF8.self)
      if Self.unitEndings.contains(where: { name.hasSuffix($0) && name.utf8.count > $0.utf8.count }) {
        hide(name, .unit)
      }
    }
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D, 0x80...0xFF: true
    default: false
    }
  }

  /// systemd.unit(5).
  private static func isOfUnit(_ byte: UInt8) -> Bool {
    isOfWord(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "@") || byte == UInt8(ascii: ":")
      || byte == UInt8(ascii: "\\")
  }

  // MARK: Addresses

  private mutating func replaceAddresses(in text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var place = 0
    while place < text.count {
      guard Self.isOfAddress(text[place]) else {
        result.append(text[place])
        place += 1
        continue
      }
      let end = text[place...].firstIndex { !Self.isOfAddress($0) } ?? text.count
      let begins = place == 0 || !Self.isOfWord(text[place - 1])
      let prefix = begins ? Self.prefixLength(at: end, of: text) : nil
      if begins, let replaced = replace(text[place..<end], prefixLength: prefix) {
        result += replaced
      } else {
        result += text[place..<end]
      }
      place = end
    }
    return result
  }

  /// A run of digits, dots and colons: an address, an address and a port, or something else.
  private mutating func replace(_ run: ArraySlice<UInt8>, prefixLength: Int?) -> [UInt8]? {
    var end = run.endIndex
    while end > run.startIndex + 1 {
      let candidate = String(decoding: run[run.startIndex..<end], as: UTF8.self)
      if Self.isEnd(run[end...]), let address = IPAddress(candidate) {
        let isWhole = end == run.endIndex
        let block = isWhole ? prefixLength.flatMap { CIDR(address: address, prefixLength: $0) } : nil
        let pseudonym = block.flatMap { addresses.pseudonym(of: $0) }?.address ?? addresses.pseudonym(of: address)
        return Array("\(pseudonym)".utf8) + run[end...]
      }
      end -= 1
    }
    return nil
  }

  /// What may follow an address: a port, or the end of a sentence.
  private static func isEnd(_ rest: ArraySlice<UInt8>) -> Bool {
    guard let first = rest.first else { return true }
    if first == UInt8(ascii: ":") { return rest.dropFirst().allSatisfy { (0x30...0x39).contains($0) || $0 == first } }
    return first == UInt8(ascii: ".") && rest.count == 1
  }

  private static func prefixLength(at place: Int, of text: [UInt8]) -> Int? {
    guard place < text.count, text[place] == UInt8(ascii: "/") else { return nil }
    let digits = text[(place + 1)...].prefix { (0x30...0x39).contains($0) }
    return digits.count < 4 ? Int(String(decoding: digits, as: UTF8.self)) : nil
  }

  private static func isOfAddress(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x46, 0x61...0x66, 0x2E, 0x3A: true
    default: false
    }
  }
}
