/// Puts BPF programs together from operations and labels, and checks what the kernel would refuse: jumps go forward
/// only, and a conditional jump spans at most 255 instructions (bpf_check_classic, net/core/filter.c).
struct BPFAssembler {
  struct Label: Hashable {
    fileprivate let number: Int
  }

  enum Fault: Error, Equatable {
    case labelNotPlaced(Int)
    case labelPlacedTwice(Int)
    case jumpBackwards(instruction: Int)
    case jumpTooFar(instruction: Int)
    /// The kernel takes at most BPF_MAXINSNS.
    case tooLong(Int)
    /// The last instruction does not end the program.
    case fallsOffTheEnd
  }

  private enum Item {
    case operation(BPFOperation, UInt32)
    /// nil goes on with the next instruction.
    case jump(BPFCondition, to: Label?, otherwise: Label?)
    case goto(Label)
  }

  private static let maximumLength = 4096
  private static let gotoCode: UInt16 = 0x05

  private var items: [Item] = []
  private var positions: [Int?] = []
  private var misplaced: Label?

  mutating func makeLabel() -> Label {
    positions.append(nil)
    return Label(number: positions.count - 1)
  }

  /// The label means the instruction that comes next.
  mutating func place(_ label: Label) {
    if positions[label.number] != nil { misplaced = label }
    positions[label.number] = items.count
  }

  mutating func emit(_ operation: BPFOperation, _ operand: UInt32 = 0) {
    items.append(.operation(operation, operand))
  }

  mutating func jump(if condition: BPFCondition, to label: Label?, otherwise: Label? = nil) {
    items.append(.jump(condition, to: label, otherwise: otherwise))
  }

  mutating func jump(ifAnyOf values: [UInt32], to label: Label) {
    for value in values { jump(if: .equals(value), to: label) }
  }

  mutating func jump(to label: Label) {
    items.append(.goto(label))
  }

  func assemble() throws(Fault) -> [BPFInstruction] {
    if let misplaced { throw .labelPlacedTwice(misplaced.number) }
    guard items.count <= Self.maximumLength else { throw .tooLong(items.count) }
    guard case .operation(.keep, _)? = items.last else { throw .fallsOffTheEnd }
    var program: [BPFInstruction] = []
    for (position, item) in items.enumerated() {
      program.append(try encode(item, at: position))
    }
    return program
  }

  private func encode(_ item: Item, at position: Int) throws(Fault) -> BPFInstruction {
    switch item {
    case .operation(let operation, let operand):
      return BPFInstruction(code: operation.rawValue, operand: operand)
    case .goto(let label):
      return BPFInstruction(code: Self.gotoCode, operand: UInt32(try distance(to: label, from: position)))
    case .jump(let condition, let label, let otherwise):
      return BPFInstruction(
        code: condition.code,
        jumpTrue: try shortDistance(to: label, from: position),
        jumpFalse: try shortDistance(to: otherwise, from: position),
        operand: condition.operand
      )
    }
  }

  private func shortDistance(to label: Label?, from position: Int) throws(Fault) -> UInt8 {
    guard let label else { return 0 }
    guard let short = UInt8(exactly: try distance(to: label, from: position)) else {
      throw .jumpTooFar(instruction: position)
    }
    return short
  }

  private func distance(to label: Label, from position: Int) throws(Fault) -> Int {
    guard let target = positions[label.number] else { throw .labelNotPlaced(label.number) }
    guard target > position else { throw .jumpBackwards(instruction: position) }
    guard target < items.count else { throw .fallsOffTheEnd }
    return target - position - 1
  }
}
