import PacketDecoding
import Testing

/// Which packets have a checksum to verify; that good and bad ones are told apart, FixtureTests hold for every fixture.
struct ChecksumTests {
  private static let options = {
    var options = DecoderOptions()
    options.verifiesChecksums = true
    return options
  }()

  private static let packet = hex(tcpOverIPv4)

  private func verdict(_ packet: [UInt8], wireLength: Int? = nil) throws -> ChecksumVerdict? {
    try decode(packet, .raw, Self.options, wireLength: wireLength).segment?.checksum
  }

  @Test
  func notAskedFor() throws {
    #expect(try decode(Self.packet).segment?.checksum == .unverified)
  }

  @Test
  func everyOctetCounts() throws {
    for offset in Self.packet.indices where offset >= 12 && offset != 32 {
      var packet = Self.packet
      packet[offset] ^= 0x04
      #expect(try verdict(packet) == .bad, "octet \(offset)")
    }
  }

  @Test
  func cutBySnapLength() throws {
    #expect(try verdict(Array(Self.packet.dropLast()), wireLength: Self.packet.count) == .unverified)
  }

  @Test
  func firstFragment() throws {
    var packet = Self.packet
    packet[6] |= 0x20
    #expect(try verdict(packet) == .unverified)
  }

  @Test
  func lengthLeftToSegmentationOffload() throws {
    var packet = Self.packet
    packet.replaceSubrange(2..<4, with: [0, 0])
    #expect(try verdict(packet) == .unverified)
  }

  /// What a packet looks like before its network card completed the checksum: the sum over the pseudo header alone.
  @Test
  func leftToTheNetworkCard() throws {
    var packet = Self.packet
    packet.replaceSubrange(36..<38, with: hex("e71d"))
    #expect(try verdict(packet) == .bad)
  }

  /// Payloads of every length modulo 4, and one long enough to carry many times.
  @Test(arguments: [0, 1, 2, 3, 4, 5, 65_000])
  func everyLength(payload: Int) throws {
    var packet = Build.ipv4(Build.tcp(payload: payload))
    var sum = packet[12..<20].chunkSum + 6 + UInt64(packet.count - 20)
    sum += packet[20...].chunkSum
    while sum > 0xFFFF { sum = sum >> 16 + sum & 0xFFFF }
    packet.replaceSubrange(36..<38, with: Build.octets(~UInt16(sum)))
    #expect(try verdict(packet) == .good)
    packet[36] ^= 1
    #expect(try verdict(packet) == .bad)
  }

  @Test
  func unknownRoutingHeaderHidesTheDestination() throws {
    let routing = hex("06 00 03 01 00000000")
    #expect(try verdict(Build.ipv6(routing + Build.tcp(), nextHeader: 43)) == .unverified)
  }
}

extension ArraySlice<UInt8> {
  /// The plain sum of 16-bit words, the last padded with zero.
  fileprivate var chunkSum: UInt64 {
    enumerated().reduce(0) { $0 + UInt64($1.element) << ($1.offset % 2 == 0 ? 8 : 0) }
  }
}
