/// A tar file in the making (POSIX.1-1988, ustar): plain files for their owner alone.
struct TarFile {
  private(set) var bytes: [UInt8] = []
  private let time: Int64

  private static let blockSize = 512

  /// - Parameter time: of all files, in seconds since 1970.
  init(time: Int64) {
    self.time = time
  }

  /// - Parameter name: at most 100 octets.
  mutating func add(_ name: String, _ content: [UInt8]) {
    bytes += header(name, content.count)
    bytes += content
    pad()
  }

  /// Two blocks of nothing are the end.
  mutating func finish() { bytes += [UInt8](repeating: 0, count: 2 * Self.blockSize) }

  private mutating func pad() {
    let rest = bytes.count % Self.blockSize
    if rest > 0 { bytes += [UInt8](repeating: 0, count: Self.blockSize - rest) }
  }

  private func header(_ name: String, _ size: Int) -> [UInt8] {
    var header: [UInt8] = []
    header += Self.field(name, 100) + Self.octal(0o600, 8)
    // Owner and group: nobody's business.
    header += Self.octal(0, 8) + Self.octal(0, 8)
    header += Self.octal(Int64(size), 12) + Self.octal(time, 12)
    let checksum = header.count
    // For the sum the checksum counts as spaces.
    header += [UInt8](repeating: 0x20, count: 8)
    header += Self.field("0", 1) + Self.field("", 100) + Self.field("ustar", 6) + Self.field("00", 2)
    header += [UInt8](repeating: 0, count: Self.blockSize - header.count)
    let sum = header.reduce(0) { $0 + Int64($1) }
    header.replaceSubrange(checksum..<checksum + 7, with: Self.octal(sum, 7))
    return header
  }

  private static func field(_ text: String, _ width: Int) -> [UInt8] {
    let text = Array(text.utf8.prefix(width))
    return text + [UInt8](repeating: 0, count: width - text.count)
  }

  /// Octal digits and a zero at the end.
  private static func octal(_ number: Int64, _ width: Int) -> [UInt8] {
    let digits = String(max(number, 0), radix: 8).suffix(width - 1)
    return field(String(repeating: "0", count: width - 1 - digits.count) + digits, width)
  }
}
