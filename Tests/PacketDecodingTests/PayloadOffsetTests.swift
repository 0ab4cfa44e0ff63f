import PacketDecoding
import Testing

/// Where the payload begins, behind whatever headers there are.
struct PayloadOffsetTests {
  @Test(arguments: Fixture.all)
  func beginsBehindTheHeaders(fixture: Fixture) throws {
    guard let segment = try fixture.decode().segment, segment.payloadLength > 0 else { return }
    let start = Int(segment.payloadOffset)
    #expect(start + Int(segment.payloadLength) <= fixture.frame.count)
    let end = fixture.frame.index(fixture.frame.startIndex, offsetBy: start)
    #expect(fixture.frame[end...].starts(with: Array("GET /".utf8)))
  }

  @Test(arguments: [0, 4, 12, 40])
  func optionsCount(octets: Int) throws {
    let options = [UInt8](repeating: 1, count: octets)
    let frame = Build.ethernet(0x0800, Build.ipv4(Build.tcp(options: options, payload: 7)))
    #expect(try decode(frame, .ethernet).segment?.payloadOffset == UInt32(14 + 20 + 20 + octets))
  }
}
