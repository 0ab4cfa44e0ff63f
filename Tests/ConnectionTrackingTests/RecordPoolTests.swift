import PacketDecoding
import TestNumbers
import Testing

@testable import ConnectionTracking

/// Records of a pool, of so many that some are in large pages.
@Suite struct RecordPoolTests {
  @Test func keepsEachRecordWhereItIs() {
    var random = SplitMix(state: 5)
    var pool = RecordPool<UInt64>(capacity: 400_000, orFewer: 0)
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

  @Test func takesNoMoreThanItHasRoomFor() {
    var pool = RecordPool<UInt64>(capacity: 3, orFewer: 0)
    let numbers = (0..<3).compactMap { pool.insert($0) }
    let fourth = pool.insert(3)
    #expect(numbers.count == 3 && fourth == nil)
    pool.remove(numbers[1])
    let again = pool.insert(4)
    #expect(again == numbers[1])
  }

  @Test func blankOnesAreZeroWhereverAnotherWas() {
    var pool = RecordPool<FlowClosing>(capacity: 2, orFewer: 0)
    var used = FlowClosing()
    used.particulars.openSiblings = 7
    used[.second].lastRST = SequenceNumber(9)
    let numbers = (0..<2).compactMap { _ in pool.insert(used) }
    pool.remove(numbers[0])
    let blank = pool.insertBlank()
    let isBlank = octets(of: pool[blank]).allSatisfy { $0 == 0 }
    let third = pool.insertBlank()
    #expect(blank == numbers[0] && isBlank && third == .none)
  }
}
