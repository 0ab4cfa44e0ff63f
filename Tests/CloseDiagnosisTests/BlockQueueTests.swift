import Testing

@testable import CloseDiagnosis

@Suite struct BlockQueueTests {
  /// How many come for each that goes.
  @Test(arguments: [1, 2, 3])
  func isAsAnArray(_ ratio: Int) {
    var queue = BlockQueue<Int>()
    var model: [Int] = []
    for step in 0..<10_000 {
      queue.append(step)
      model.append(step)
      // Now and then it runs empty, too.
      let leaves = step % 3000 == 2999 ? model.count : step % ratio == 0 ? 1 : 0
      for _ in 0..<leaves {
        #expect(queue[queue.numbers.lowerBound] == model.removeFirst())
        queue.removeFirst()
      }
      #expect(queue.numbers == (step + 1 - model.count)..<(step + 1))
    }
    for number in queue.numbers {
      queue[number] *= 2
      #expect(queue[number] == 2 * model[number - queue.numbers.lowerBound])
    }
  }
}
