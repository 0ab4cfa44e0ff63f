import TestNumbers
import Testing

@testable import ConnectionTracking

/// Records of a pool, of as many as need several regions of memory.
@Suite struct RecordPoolTests {
  @Test func keepsEachRecordWhereItIs() {
    var random = SplitMix(state: 5)
    var pool = RecordPool<UInt64>()
    var held: [RecordNumber: UInt64] = [:]
    for value in 0..<400_000 as Range<UInt64> {
      guard let number = pool.insert(value) else { continue }
      #expect(held[number] == nil)
      held[number] = value
      if random.chance(20) {
        let kept = pool[number]
        #expect(kept == value)
        pool.remove(number)
        held[number] = nil
      }
    }
    let isSame = held.allSatisfy { number, value in pool[number] == value }
    #expect(isSame && held.count > 300_000)
  }
}
