/// First in, first out, in blocks: it grows without moving what is in it. Each element has a number for as long as it
/// is in the queue, one more than the one before.
///
/// The pointers are private, and every number that is asked for is one of those in the queue: that is what makes it
/// safe.
@safe
struct BlockQueue<Element: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
  private var blocks: [Block] = []
  /// Of the first element of the first block.
  private var base = 0
  /// Of those that are in it.
  private(set) var numbers = 0..<0
  /// A block that was emptied is the next to be filled.
  private var spare: Block?

  private static var blockSize: Int { 512 }

  @safe
  private struct Block: @unchecked Sendable {
    let elements: UnsafeMutablePointer<Element>
  }

  deinit {
    for block in blocks { unsafe block.elements.deallocate() }
    if let spare { unsafe spare.elements.deallocate() }
  }

  @inline(__always)
  private func place(of number: Int) -> UnsafeMutablePointer<Element> {
    precondition(numbers.contains(number), "an element that is not in the queue")
    let (block, offset) = (number &- base).quotientAndRemainder(dividingBy: Self.blockSize)
    return unsafe blocks[block].elements + offset
  }

  subscript(number: Int) -> Element {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(place(of: number)) }
    @inline(__always) unsafeMutableAddress { unsafe place(of: number) }
  }

  @inline(__always)
  mutating func append(_ element: Element) {
    if numbers.upperBound - base == blocks.count * Self.blockSize { addBlock() }
    numbers = numbers.lowerBound..<(numbers.upperBound + 1)
    unsafe place(of: numbers.upperBound - 1).initialize(to: element)
  }

  /// Of a queue that is not empty.
  @inline(__always)
  mutating func removeFirst() {
    precondition(!numbers.isEmpty, "nothing is in the queue")
    numbers = (numbers.lowerBound + 1)..<numbers.upperBound
    if numbers.lowerBound - base == Self.blockSize { removeBlock() }
  }

  @inline(never)
  private mutating func addBlock() {
    let block = unsafe spare ?? Block(elements: .allocate(capacity: Self.blockSize))
    spare = nil
    blocks.append(block)
  }

  @inline(never)
  private mutating func removeBlock() {
    let emptied = blocks.removeFirst()
    base = numbers.lowerBound
    if spare == nil { spare = emptied } else { unsafe emptied.elements.deallocate() }
  }
}
