import PacketDecoding
import Testing

@testable import PacketCapture

@Suite struct FrameParcelTests {
  @Test("Frames of several reads are handed over as they came, and leave nothing behind")
  func handOver() {
    let parcel = FrameParcel()
    parcel.address(interface: 5, decoder: FrameDecoder(linkType: .raw))
    for (number, frames) in [[[1, 2, 3], []], [[4, 5]], [[6] as [UInt8]]].enumerated() {
      var batch = FrameBatch(snapLength: 64)
      for (place, frame) in frames.enumerated() {
        unsafe frame.withUnsafeBytes {
          unsafe batch.add($0, nanoseconds: Int64(number * 10 + place), wireLength: 99, interface: 5)
        }
      }
      batch.handOver { parcel.add($0, $1) }
    }
    #expect(parcel.size == 6 && parcel.last == Timestamp(nanoseconds: 20) && !parcel.isEmpty)
    #expect(parcel.interface == 5 && parcel.decoder.linkType == .raw)
    var seen: [[UInt8]] = []
    var times: [Int64] = []
    parcel.handOver { octets, frames in
      for index in frames.indices {
        let frame = octets.extracting(frames[index].range)
        seen.append((0..<frame.byteCount).map { frame.load8(at: $0) })
        times.append(frames[index].info.timestamp.nanoseconds)
        let info = frames[index].info
        #expect(info.wireLength == 99 && info.interface == 5)
      }
    }
    #expect(seen == [[1, 2, 3], [], [4, 5], [6]])
    #expect(times == [0, 1, 10, 20])
    #expect(parcel.isEmpty && parcel.size == 0 && parcel.last == nil)
  }
}
