import Glibc

/// A pcap file with nanoseconds, written front to back: Ethernet, IPv4, TCP with timestamps, and no payload captured.
struct TraceFile: ~Copyable {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let path: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var failure: Int32 = 0

  private static let pause = 2_000
  private static let bufferSize = 1 << 20
  private static let headers = 14 + 20 + 32

  init(_ path: String) throws(Failure) {
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Failure(description: "\(path): error \(errno)") }
    buffer.reserveCapacity(Self.bufferSize + 4096)
  }

  deinit { close(descriptor) }

  mutating func append(_ octet: UInt8) {
    buffer.append(octet)
    if buffer.count >= Self.bufferSize { flush() }
  }

  consuming func finish() throws(Failure) {
    flush()
    guard failure == 0 else { throw Failure(description: "\(path): error \(failure)") }
  }

  private mutating func flush() {
    var start = 0
    while failure == 0, start < buffer.count {
      let written = unsafe buffer[start...].withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
      if written > 0 { start += written } else if errno != EINTR { failure = errno }
    }
    buffer.removeAll(keepingCapacity: true)
  }

  // MARK: Packets

  mutating func append(_ packet: Conversation.Packet, of conversation: UInt32, number: Int) {
    if number == 0 { appendFileHeader() }
    let nanoseconds = number * Self.pause
    little(UInt32(1_700_000_000 + nanoseconds / 1_000_000_000))
    little(UInt32(nanoseconds % 1_000_000_000))
    little(UInt32(Self.headers))
    little(UInt32(Self.headers + packet.payload))
    appendEthernet()
    appendIPv4(packet, of: conversation)
    appendTCP(packet, of: conversation, milliseconds: UInt32(nanoseconds / 1_000_000))
  }

  /// Whether one of these frames opens or closes.
  static func isControl(_ frame: RawSpan) -> Bool {
    let flags = 14 + 20 + 13
    guard frame.byteCount > flags else { return false }
    return unsafe frame.unsafeLoad(fromByteOffset: flags, as: UInt8.self) & 0b111 != 0
  }

  private mutating func appendFileHeader() {
    for word: UInt32 in [0xA1B2_3C4D, 0x0004_0002, 0, 0, 65_535, 1] { little(word) }
  }

  private mutating func appendEthernet() {
    for word: UInt16 in [0x0200, 0, 1, 0x0200, 0, 2, 0x0800] { big(word) }
  }

  private mutating func appendIPv4(_ packet: Conversation.Packet, of conversation: UInt32) {
    big(UInt16(0x4500))
    big(UInt16(52 + packet.payload))
    for word: UInt16 in [0, 0x4000, 0x4006, 0] { big(word) }
    let (client, server) = (0x0A00_0000 + conversation / 50_000, 0x0A80_0000 + conversation % 5)
    big(packet.isFromClient ? client : server)
    big(packet.isFromClient ? server : client)
  }

  private mutating func appendTCP(_ packet: Conversation.Packet, of conversation: UInt32, milliseconds: UInt32) {
    let client = UInt16(10_000 + conversation % 50_000)
    big(packet.isFromClient ? client : 80)
    big(packet.isFromClient ? 80 : client)
    big(packet.sequence)
    big(packet.acknowledgment)
    big(UInt16(0x8000) | UInt16(packet.flags))
    big(UInt16(65_000))
    big(UInt32(0))
    big(UInt32(0x0101_080A))
    big(milliseconds)
    big(milliseconds)
  }

  private mutating func little(_ word: UInt32) {
    for shift: UInt32 in [0, 8, 16, 24] { append(UInt8(truncatingIfNeeded: word >> shift)) }
  }

  private mutating func big(_ word: UInt32) {
    for shift: UInt32 in [24, 16, 8, 0] { append(UInt8(truncatingIfNeeded: word >> shift)) }
  }

  private mutating func big(_ word: UInt16) {
    append(UInt8(truncatingIfNeeded: word >> 8))
    append(UInt8(truncatingIfNeeded: word))
  }
}
