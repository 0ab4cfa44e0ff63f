/// First in, first out, in blocks: it grows without moving what is in it. Each element has a number for as long as it
/// is in the queue, one more than the one before.
struct BlockQueue<Element: BitwiseCopyable & Sendable>: Sendable {
  private var blocks: [[Element]] = []
  /// Of the first element of the first block.
  private var base = 0
  /// Of those that are in it.
  private(set) var numbers = 0..<0

  private static var blockSize: Int { 512 }

  mutating func append(_ element: Element) {
    if numbers.upperBound - base == blocks.count * Self.blockSize { addBlock() }
    blocks[blocks.count - 1].append(element)
    numbers = numbers.lowerBound..<(numbers.upperBound + 1)
  }

  /// Runs `body` on an element in place: for what is only read, each block would be retained.
  @inline(__always)
  mutating func update<Result>(_ number: Int, _ body: (inout Element) -> Result) -> Result {
    let place = number - base
    return body(&blocks[place / Self.blockSize][place % Self.blockSize])
  }

  /// Of a queue that is not empty.
  mutating func removeFirst() -> Element {
    let element = update(numbers.lowerBound) { $0 }
    numbers = (numbers.lowerBound + 1)..<numbers.upperBound
    if numbers.lowerBound - base == Self.blockSize {
      blocks.removeFirst()
      base = numbers.lowerBound
    }
    return element
  }

  @inline(never)
  private mutating func addBlock() {
    blocks.append([])
    blocks[blocks.count - 1].reserveCapacity(Self.blockSize)
  }
}
