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
