import PacketDecoding
import Testing

@testable import PacketCapture

@Suite struct FrameBatchTests {
  @Test("Frames are handed over as they came, and leave nothing behind")
  func handOver() {
    var batch = FrameBatch(snapLength: 256)
    let frames: [[UInt8]] = [[1, 2, 3], [], [4, 5, 6, 7]]
    for (number, frame) in frames.enumerated() { add(frame, number, to: &batch) }
    var seen: [[UInt8]] = []
    var infos: [FrameInfo] = []
    batch.handOver { octets, records in
      for index in records.indices {
        let frame = octets.extracting(records[index].range)
        seen.append((0..<frame.byteCount).map { frame.load8(at: $0) })
        infos.append(records[index].info)
      }
    }
    #expect(seen == frames)
    #expect(infos.map(\.timestamp.nanoseconds) == [0, 1, 2])
    #expect(infos.map(\.wireLength) == [1500, 1501, 1502])
    #expect(infos.map(\.interface) == [7, 7, 7])
    var again = 0
    batch.handOver { _, _ in again += 1 }
    #expect(again == 0)
    add([9], 0, to: &batch)
    batch.handOver { octets, _ in
      let (octet, count) = (octets.load8(at: 0), octets.byteCount)
      #expect(octet == 9 && count == 1)
    }
  }

  @Test(
    "There is room for the longest frame, and an end of it",
    arguments: [(snapLength: 64, length: 64), (65_535, 65_535), (262_144, 262_144)]
  )
  func room(snapLength: Int, length: Int) {
    var batch = FrameBatch(snapLength: snapLength)
    let frame = [UInt8](repeating: 1, count: length)
    var count = 0
    while batch.hasRoom(for: length), count < 1000 {
      add(frame, 0, to: &batch)
      count += 1
    }
    #expect(count >= 1 && count < 1000)
    batch.handOver { octets, frames in
      let (held, number) = (octets.byteCount, frames.count)
      #expect(held == count * length && number == count)
    }
    let hasRoomAgain = batch.hasRoom(for: length)
    #expect(hasRoomAgain)
  }

  private func add(_ frame: [UInt8], _ number: Int, to batch: inout FrameBatch) {
    unsafe frame.withUnsafeBytes { octets in
      unsafe batch.add(octets, nanoseconds: Int64(number), wireLength: UInt32(1500 + number), interface: 7)
    }
  }
}
