import CPrefetch
import Testing

@testable import ConnectionTracking

/// Values by number are found where they were put, however many come.
@Suite struct NumberedMemoryTests {
  @Test func valuesStayWhatTheyAre() {
    var memory = NumberedMemory<[Int]>()
    for number in 0..<1000 {
      memory.append([number])
      memory[number / 2].append(number)
    }
    #expect(memory.count == 1000)
    for number in 0..<1000 {
      #expect(memory[number] == (number < 500 ? [number, 2 * number, 2 * number + 1] : [number]))
    }
  }

  @Test func aValueTakesThePlaceOfOneOrIsTheNext() {
    var memory = NumberedMemory<String>()
    memory.put("a", at: 0)
    memory.put("b", at: 1)
    memory.put("c", at: 0)
    #expect(memory.indices.map { memory[$0] } == ["c", "b"])
  }

  /// From memory like any other to large pages of its own, and to more of them, which are not copied.
  @Test func whatIsThereStaysWhenThereIsMuch() {
    var memory = NumberedMemory<[Int]?>()
    let count = 2_200_000
    for number in 0..<count { memory.append(number % 1000 == 7 ? [number] : nil) }
    #expect(memory.count == count)
    let isWhole = (0..<count).allSatisfy { memory[$0] == ($0 % 1000 == 7 ? [$0] : nil) }
    #expect(isWhole)
  }

  /// Each time what stood there comes along, and there are zeros behind it.
  @Test func largePagesGrowMoreThanOnce() {
    var size = 2 * Int(tcpstated_large_page)
    guard var start = unsafe tcpstated_large_pages(size) else { return Self.noteLackOfMemory() }
    for _ in 1...3 {
      unsafe start.storeBytes(of: 7, toByteOffset: size - 1, as: UInt8.self)
      guard let larger = unsafe tcpstated_more_large_pages(start, size, 2 * size) else {
        return Self.noteLackOfMemory()
      }
      unsafe start = larger
      let octets = [size - 1, size, 2 * size - 1].map { unsafe larger.load(fromByteOffset: $0, as: UInt8.self) }
      #expect(octets == [7, 0, 0])
      size *= 2
    }
    unsafe tcpstated_release(start, size)
  }

  private static func noteLackOfMemory() { Issue.record("no memory") }

  /// Whoever owned them is rid of them.
  @Test func valuesGoWithIt() {
    final class Witness: Sendable {}
    weak var witness: Witness?
    do {
      var memory = NumberedMemory<Witness>()
      let value = Witness()
      witness = value
      for _ in 0..<40 { memory.append(value) }
    }
    #expect(witness == nil)
  }
}
