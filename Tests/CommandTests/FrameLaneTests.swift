import KernelSockets
import PacketCapture
import PacketDecoding
import Testing

@testable import Daemon

@Suite("Between a reader and the worker")
struct FrameLaneTests {
  private let arrivals: EventFD
  private let lane: FrameLane

  init() throws {
    arrivals = try EventFD()
    lane = try FrameLane(arrivals: arrivals, room: 100)
  }

  @Test("Parcels come in order, and the worker is woken once for those it has not taken")
  func order() {
    for time in 1...3 { lane.put(parcel(time, octets: 10)) }
    #expect(arrivals.drain())
    #expect(taken() == [1, 2, 3])
    #expect(taken() == [] && !arrivals.drain())
    lane.put(parcel(4, octets: 10))
    #expect(arrivals.drain())
    #expect(taken() == [4])
  }

  @Test("While the reader reads, what is taken is not all")
  func reading() {
    lane.beginReading()
    lane.put(parcel(1, octets: 10))
    #expect(!lane.take().isAll)
    lane.endReading()
    #expect(lane.take().isAll)
  }

  @Test("A reader that found no room is told when there is some again")
  func room() {
    lane.put(parcel(1, octets: 99))
    #expect(lane.feeds() != nil)
    _ = lane.take()
    #expect(!lane.wakeup.drain())
    lane.put(parcel(2, octets: 100))
    #expect(lane.feeds() != nil)
    _ = lane.take()
    #expect(lane.wakeup.drain())
  }

  @Test("Memory of parcels is used again")
  func spare() {
    let first = parcel(1, octets: 10)
    lane.giveBack([first])
    #expect(lane.emptyParcel() === first)
    #expect(lane.emptyParcel() !== first)
  }

  @Test("A reader ends when it is told to")
  func stop() {
    #expect(lane.feeds() != nil)
    lane.stop()
    #expect(lane.feeds() == nil && lane.wakeup.drain())
    let reader = CaptureReader(lane, number: 1)
    #expect(reader.join(seconds: 10))
  }

  private func taken() -> [Int64] { lane.take().parcels.compactMap { $0.last?.nanoseconds } }

  private func parcel(_ time: Int, octets count: Int) -> FrameParcel {
    let parcel = FrameParcel()
    let octets = [UInt8](repeating: 1, count: count)
    let record = FrameRecord(start: 0, count: UInt32(count), nanoseconds: Int64(time), wireLength: UInt32(count))
    let records = [record]
    unsafe parcel.add(octets.span.bytes, records.span)
    return parcel
  }
}
