/// What the first handshake message of either side says (RFC 8446, 4.1): best effort, since a hello with the key shares
/// of today is longer than what is captured of it.
package struct TLSHello: Sendable, BitwiseCopyable, Equatable {
  package enum Sender: UInt8, Sendable, BitwiseCopyable {
    case client = 1
    case server = 2
  }

  package let sender: Sender
  /// Offered, or chosen, by ALPN (RFC 7301).
  package private(set) var namesHTTP2 = false
  package private(set) var namesHTTP1 = false
  /// `supported_versions` names TLS 1.3.
  package private(set) var namesTLS13 = false
  /// All extensions were captured: what is not named above is not there.
  package private(set) var isWhole = false
  /// So many of them were captured that ALPN would be among them, in the order of those who do not shuffle.
  package private(set) var isPastALPN = false
  /// The first cipher suite is one that means nothing (RFC 8701): of those who shuffle.
  private var isShuffled = false
  /// Where the host name of SNI (RFC 6066, 3) stands in the payload.
  package private(set) var nameStart: UInt16 = 0
  package private(set) var nameLength: UInt16 = 0

  private enum Layout {
    static let handshakeHeader = 4
    static let versionAndRandom = 34
  }

  private enum Extension {
    static let serverName: UInt16 = 0
    static let applicationProtocols: UInt16 = 16
    static let supportedVersions: UInt16 = 43
    static let keyShare: UInt16 = 51
  }

  /// Reads the hello whose handshake header stands at `start`; nil when another message stands there.
  package init?(_ octets: RawSpan, at start: Int) {
    var cursor = Cursor(at: start)
    guard let type = cursor.uint8(octets), let sender = Sender(rawValue: type), let high = cursor.uint8(octets),
      let low = cursor.uint16(octets)
    else { return nil }
    self.sender = sender
    let end = start + Layout.handshakeHeader + Int(high) << 16 + Int(low)
    guard cursor.skip(Layout.versionAndRandom, octets), cursor.skipVector8(octets) else { return }
    switch sender {
    case .client:
      var suites = cursor
      if suites.skip(2, octets), let first = suites.uint16(octets) { isShuffled = first & 0x0F0F == 0x0A0A }
      guard cursor.skipVector16(octets), cursor.skipVector8(octets) else { return }
    case .server: guard cursor.skip(3, octets) else { return }
    }
    guard cursor.offset < end else {
      isWhole = true
      return
    }
    guard cursor.uint16(octets) != nil else { return }
    readExtensions(octets, &cursor, until: end)
  }

  private mutating func readExtensions(_ octets: RawSpan, _ cursor: inout Cursor, until end: Int) {
    while cursor.offset < end {
      guard let type = cursor.uint16(octets), let length = cursor.uint16(octets) else { return }
      var body = cursor
      guard cursor.skip(Int(length), octets) else {
        read(octets, type, &body, end: cursor.offset + Int(length))
        return
      }
      read(octets, type, &body, end: cursor.offset)
    }
    isWhole = true
  }

  private mutating func read(_ octets: RawSpan, _ type: UInt16, _ body: inout Cursor, end: Int) {
    if type == Extension.supportedVersions || type == Extension.keyShare { isPastALPN = !isShuffled }
    switch type {
    case Extension.serverName: readServerName(octets, &body)
    case Extension.applicationProtocols: readProtocols(octets, &body, end: end)
    case Extension.supportedVersions: readVersions(octets, &body, end: end)
    default: break
    }
  }

  private mutating func readServerName(_ octets: RawSpan, _ body: inout Cursor) {
    guard body.skip(2, octets), body.uint8(octets) == 0, let length = body.uint16(octets), length <= 255 else { return }
    let start = body.offset
    guard body.skip(Int(length), octets), let offset = UInt16(exactly: start) else { return }
    (nameStart, nameLength) = (offset, length)
  }

  private mutating func readProtocols(_ octets: RawSpan, _ body: inout Cursor, end: Int) {
    guard body.skip(2, octets) else { return }
    while body.offset < end, let length = body.uint8(octets) {
      let word = body.word(Int(length), octets)
      if word == Self.http2 { namesHTTP2 = true }
      if word == Self.http11 { namesHTTP1 = true }
      guard body.skip(Int(length), octets) else { return }
    }
  }

  /// The client sends a list, the server one version.
  private mutating func readVersions(_ octets: RawSpan, _ body: inout Cursor, end: Int) {
    if sender == .client { guard body.skip(1, octets) else { return } }
    while body.offset + 1 < end, let version = body.uint16(octets) {
      if version == 0x0304 { namesTLS13 = true }
    }
  }

  /// `h2` and `http/1.1` as numbers.
  private static let http2: UInt64 = 0x6832
  private static let http11: UInt64 = 0x6874_7470_2F31_2E31
}

/// Reads forward in what was captured; nothing beyond it.
private struct Cursor: BitwiseCopyable {
  private(set) var offset: Int

  init(at offset: Int) {
    self.offset = offset
  }

  mutating func uint8(_ octets: RawSpan) -> UInt8? {
    guard octets.holds(1, at: offset, before: octets.byteCount) else { return nil }
    defer { offset += 1 }
    return octets.uint8(at: offset)
  }

  mutating func uint16(_ octets: RawSpan) -> UInt16? {
    guard octets.holds(2, at: offset, before: octets.byteCount) else { return nil }
    defer { offset += 2 }
    return octets.uint16(at: offset)
  }

  /// False, and no move, when that is beyond what was captured.
  mutating func skip(_ count: Int, _ octets: RawSpan) -> Bool {
    guard octets.holds(count, at: offset, before: octets.byteCount) else { return false }
    offset += count
    return true
  }

  /// Skips what begins with its length in one octet.
  mutating func skipVector8(_ octets: RawSpan) -> Bool {
    guard let length = uint8(octets) else { return false }
    return skip(Int(length), octets)
  }

  mutating func skipVector16(_ octets: RawSpan) -> Bool {
    guard let length = uint16(octets) else { return false }
    return skip(Int(length), octets)
  }

  /// The next octets as a number, up to eight of them; nil for more.
  func word(_ count: Int, _ octets: RawSpan) -> UInt64? {
    guard count <= 8, octets.holds(count, at: offset, before: octets.byteCount) else { return nil }
    var word: UInt64 = 0
    for index in 0..<count { word = word << 8 | UInt64(octets.uint8(at: offset + index)) }
    return word
  }
}
