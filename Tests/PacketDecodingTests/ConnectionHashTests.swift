import PacketDecoding
import Testing

/// Both directions of a connection have one number, and so has the segment that is decoded.
struct ConnectionHashTests {
  private static let decoder = FrameDecoder(linkType: .ethernet)

  private static func hash(_ frame: [UInt8]) -> UInt64? {
    unsafe decoder.connectionHash(frame.span.bytes, wireLength: UInt32(frame.count))
  }

  @Test(arguments: [
    Build.ethernet(0x0800, Build.ipv4(Build.tcp(payload: 3))),
    Build.ethernet(0x86DD, Build.ipv6(Build.tcp(payload: 3))),
  ])
  func isThatOfTheSegment(frame: [UInt8]) throws {
    guard case .segment(let segment) = try decode(frame, .ethernet) else {
      Issue.record("no segment")
      return
    }
    #expect(Self.hash(frame) == segment.connectionHash)
    var answer = segment
    answer.ends = SegmentEnds(source: segment.destination, destination: segment.source)
    #expect(answer.connectionHash == segment.connectionHash)
  }

  @Test
  func ofOtherFramesNothingIsSaid() {
    #expect(Self.hash(Build.ethernet(0x8100, [0, 7, 8, 0] + Build.ipv4(Build.tcp()))) == nil)
    #expect(Self.hash(Build.ethernet(0x0800, Build.ipv4(Build.udp(to: 53, [])))) == nil)
  }

  /// Clients that follow each other, each with the next port, go to all shares.
  @Test(arguments: [2, 3, 4, 8])
  func neighboursGoToAllShares(shares: UInt64) throws {
    var counts = [Int](repeating: 0, count: Int(shares))
    for number in 0..<4000 {
      let client: [UInt8] = [10, 0, UInt8(number >> 8), UInt8(number & 0xFF)]
      let frame = Build.ethernet(0x0800, Build.ipv4(Build.tcp(), from: client))
      let hash = try #require(Self.hash(frame))
      counts[Int(((hash >> 32) &* shares) >> 32)] += 1
    }
    let fair = 4000 / Int(shares)
    #expect(counts.allSatisfy { $0 > fair * 8 / 10 && $0 < fair * 12 / 10 }, "\(counts)")
  }
}
