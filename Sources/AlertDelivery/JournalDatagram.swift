/// One entry in journald's native protocol: `NAME=value` lines, or a name, a length and bytes for a value that holds line
/// breaks.
struct JournalDatagram {
  /// A value longer than this is cut. The protocol has a way for larger entries (a sealed memfd); alerts are sentences.
  static let valueLimit = 4096
  /// Well under the kernel's limit for a datagram (212,992 bytes by default), so that an entry is never refused whole.
  static let sizeLimit = 64 << 10

  private(set) var bytes: [UInt8] = []

  /// Leaves out what does not fit, and a name that the journal would not take.
  mutating func add(_ name: String, _ value: String) {
    guard let name = Self.fieldName(name) else { return }
    let value = Self.cut(value)
    guard bytes.count + name.count + value.count + 10 <= Self.sizeLimit else { return }
    bytes += name
    if value.contains(0x0A) {
      bytes.append(0x0A)
      let length = UInt64(value.count)
      bytes += (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) }
    } else {
      bytes.append(0x3D)
    }
    bytes += value
    bytes.append(0x0A)
  }

  /// Upper case; the journal takes A-Z, 0-9 and _, up to 64 of them, and keeps a leading _ for itself.
  private static func fieldName(_ name: String) -> [UInt8]? {
    let upper = Array(name.uppercased().utf8)
    let isGood = upper.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x5F: true
      default: false
      }
    }
    guard let first = upper.first, (0x41...0x5A).contains(first), isGood, upper.count <= 64 else { return nil }
    return upper
  }

  /// Cut between characters, not within one.
  private static func cut(_ value: String) -> [UInt8] {
    let bytes = Array(value.utf8)
    guard bytes.count > valueLimit else { return bytes }
    var end = valueLimit
    while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    return Array(bytes[..<end])
  }
}
