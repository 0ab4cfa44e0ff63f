import PacketDecoding
import Testing

@testable import ConnectionTracking

@Suite struct ReservedArrayTests {
  /// Smaller than a large page, about as large as one, and so large that it has large ones.
  @Test(arguments: [1, 5_000, 60_000, 1 << 20])
  func isZeroAndKeepsWhatIsPut(count: Int) {
    let array = ReservedArray<(UInt64, UInt64, UInt64, UInt64)>(capacity: count, orFewer: 1)
    let places = stride(from: 0, to: count, by: max(1, count / 100))
    var wrong = array.capacity == count ? 0 : 1
    for place in places {
      if unsafe array.start[place].3 != 0 { wrong += 1 }
      unsafe array.start[place].3 = UInt64(place)
    }
    unsafe array.start[count - 1].0 = 7
    for place in places where unsafe array.start[place].3 != UInt64(place) { wrong += 1 }
    #expect(wrong == 0)
  }

  /// Whether the kernel has such pages or not; and where there is no more than half of one, or ordinary memory.
  @Test(arguments: [1 << 20, 1_000, 1 << 58])
  func staysWhatItIsWhenItGoesToALargePage(wanted: Int) {
    let array = ReservedArray<(UInt64, UInt64)>(capacity: wanted, orFewer: 4096)
    let count = min(array.capacity, 70_000)
    for place in 0..<count { unsafe array.start[place].1 = UInt64(place) }
    array.noteUse(of: 0..<count)
    var wrong = 0
    for place in 0..<count where unsafe array.start[place].1 != UInt64(place) { wrong += 1 }
    #expect(wrong == 0)
  }

  @Test("Where the kernel refuses, there is ordinary memory for fewer, zeros as well", arguments: [1 << 55, .max])
  func refused(wanted: Int) {
    let array = ReservedArray<(UInt64, UInt64)>(capacity: wanted, orFewer: 4096)
    var wrong = array.capacity == 4096 ? 0 : 1
    for place in 0..<4096 where unsafe array.start[place].1 != 0 { wrong += 1 }
    #expect(wrong == 0)
  }

  @Test func whatIsReleasedCanBeReservedAgain() {
    // Together more than there are addresses.
    var wrong = 0
    for _ in 0..<100 where ReservedArray<UInt64>(capacity: 1 << 38, orFewer: 1).capacity == 1 { wrong += 1 }
    #expect(wrong == 0)
  }

  @Test("Where there is not so much address space, there is room for fewer connections")
  func smallerTable() {
    let memory = FlowMemory.fitting(1 << 45)
    let capacity = memory.capacity
    #expect(capacity < 1 << 45 && capacity > 1 << 16)
  }
}
