/// The sum over 16-bit words that TCP's checksum makes come out as all ones (RFC 1071).
///
/// Adds 32 bits at a time: 2^16 counts as 1 in this arithmetic, so the halves of a longer word may be folded together
/// at the end (RFC 1071, 2 C). 64 bits of sum have room for 2^32 such words.
struct InternetChecksum {
  private var sum: UInt64 = 0

  /// The pseudo header (RFC 9293, 3.1; RFC 8200, 8.1).
  ///
  /// One form serves both families: the 0xFFFF in each IPv4 address as it is kept here adds nothing, for it counts as
  /// zero in this arithmetic.
  mutating func addPseudoHeader(_ source: IPAddress, _ destination: IPAddress, length: Int) {
    add(source)
    add(destination)
    sum &+= UInt64(truncatingIfNeeded: length)
    sum &+= UInt64(IPProtocol.tcp)
  }

  private mutating func add(_ address: IPAddress) {
    sum &+= address.high >> 32 &+ address.high & 0xFFFF_FFFF
    sum &+= address.low >> 32 &+ address.low & 0xFFFF_FFFF
  }

  /// The range must lie within the span.
  mutating func add(_ bytes: RawSpan, from start: Int, to end: Int) {
    var offset = start
    while end - offset >= 4 {
      sum &+= UInt64(bytes.uint32(at: offset))
      offset += 4
    }
    if end - offset >= 2 {
      sum &+= UInt64(bytes.uint16(at: offset))
      offset += 2
    }
    if end - offset == 1 { sum &+= UInt64(bytes.uint8(at: offset)) << 8 }
  }

  /// Whether the sum, checksum field included, is all ones.
  var isConsistent: Bool {
    var folded = sum
    while folded > 0xFFFF { folded = folded >> 16 &+ folded & 0xFFFF }
    return folded == 0xFFFF
  }
}
