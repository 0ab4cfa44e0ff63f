import ConnectionTracking
import PacketDecoding
import Testing

@testable import Monitoring

/// What is read together stands in a block as it stood in its file, for shares to read.
@Suite
struct BlockContentTests {
  @Test
  func `frames keep their octets, wherever those stood`() {
    var content = BlockContent()
    var expected: [[UInt8]] = []
    for batch in 0..<40 {
      let octets = (0..<9_000).map { UInt8(truncatingIfNeeded: $0 * 7 + batch) }
      let starts = Array(stride(from: 50 + batch, to: 8_000, by: 300))
      let frames = starts.map { FrameRecord(start: $0, count: 290, nanoseconds: Int64($0), wireLength: 300) }
      let first = unsafe content.add(octets.span.bytes, frames.span)
      #expect(first == expected.count)
      expected += starts.map { Array(octets[$0..<$0 + 290]) }
    }
    let count = content.count
    #expect(count == expected.count)
    content.withFrames { octets, frames in
      for index in frames.indices {
        let octets = octets.extracting(frames[index].range)
        #expect(unsafe octets.withUnsafeBytes { unsafe Array($0) } == expected[index])
      }
    }
    content.clear()
    let left = content.count + content.octetCount
    #expect(left == 0)
  }

  @Test
  func `each share gathers its frames with their numbers`() {
    var content = BlockContent()
    let octets = [UInt8](repeating: 1, count: 1_000)
    let frames = (0..<100).map { FrameRecord(start: $0 * 10, count: 10, nanoseconds: Int64($0), wireLength: 10) }
    _ = unsafe content.add(octets.span.bytes, frames.span)
    content.withOwners { owners in
      for number in 0..<100 { owners[number] = FrameOwner(ofSegment: number % 3) }
    }
    var selection = FrameSelection()
    for share in 0..<3 {
      selection.take(of: share, content)
      selection.withFrames { frames, numbers in
        #expect(numbers.indices.map { Int(numbers[$0]) } == Array(stride(from: share, to: 100, by: 3)))
        #expect(frames.indices.map { frames[$0].info.timestamp.nanoseconds } == numbers.indices.map { Int64(numbers[$0]) })
      }
    }
  }

  @Test
  func `time is what packets say, until it is another`() {
    var content = BlockContent()
    let frames = (0..<10).map { FrameRecord(start: 0, count: 1, nanoseconds: Int64($0 * 10), wireLength: 1) }
    let octets: [UInt8] = [0]
    _ = unsafe content.add(octets.span.bytes, frames.span)
    content.set(Instant(nanoseconds: 30), at: 3)
    let wasInOrder = content.isInOrder
    content.set(Instant(nanoseconds: 70), at: 5)
    let isInOrder = content.isInOrder
    #expect(wasInOrder && !isInOrder)
    var moments: [Int64] = []
    for number in 0..<10 { moments.append(content.moment(at: number).nanoseconds) }
    #expect(moments == [0, 10, 20, 30, 40, 70, 60, 70, 80, 90])
    content.clear()
    let isInOrderAgain = content.isInOrder
    #expect(isInOrderAgain)
  }
}
