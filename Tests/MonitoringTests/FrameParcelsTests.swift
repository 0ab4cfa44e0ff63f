import PacketDecoding
import Testing

@testable import Monitoring

/// Each share gets its frames with all their octets and their numbers, however many and however long they are.
@Suite
struct FrameParcelsTests {
  @Test(arguments: [0, 1, 54, 63, 64, 65, 100, 128, 129, 1500])
  func `frames are copied whole`(length: Int) {
    var parcels = FrameParcels(shares: 3)
    let octets = (0..<(20 + 1_600 * length)).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    // Up to the last octet, so that no more of the frame may be read than there is.
    let frames = (0..<1_600).map { number in
      FrameRecord(start: 20 + number * length, count: UInt32(length), nanoseconds: Int64(number), wireLength: 2_000)
    }
    for round in 1...2 {
      for number in frames.indices {
        unsafe parcels.add(octets.span.bytes, frames[number], number: number * round, to: number % 3)
      }
      for share in 0..<3 {
        let expected = frames.indices.filter { $0 % 3 == share }
        parcels.withFrames(of: share) { copied, records, numbers in
          #expect(numbers.indices.map { Int(numbers[$0]) } == expected.map { $0 * round })
          #expect(records.indices.map { records[$0].info } == expected.map { frames[$0].info })
          for (place, number) in expected.enumerated() {
            let frame = copied.extracting(records[place].range)
            #expect(unsafe frame.withUnsafeBytes { unsafe Array($0) } == Array(octets[frames[number].range]))
          }
        }
      }
      parcels.clear()
    }
  }
}
