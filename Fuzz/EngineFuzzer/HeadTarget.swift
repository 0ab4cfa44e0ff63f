import FuzzDriver
import PacketDecoding

/// A message head: read in one piece, in any pieces, and remembered it says the same.
enum HeadTarget {
  static func run(_ octets: RawSpan) {
    var input = FuzzInput(octets)
    let seed = input.word()
    let text = octets.extracting(input.rest())
    let whole = read(text) { $0 }
    var state = UInt32(seed) | 1
    let pieces = read(text) { rest in
      state = state &* 1_664_525 &+ 1_013_904_223
      return min(rest, 1 + Int(state >> 16) % 7)
    }
    promise(whole == pieces, "a head in pieces is the head: \(whole) \(pieces)")
    let memory = HeadMemory(isKept: true)
    for _ in 0..<2 {
      let said = read(text, memory)
      promise(whole == said, "a head that is remembered is the head: \(whole) \(said)")
    }
    for isRequest in [false, true] { check(HeadReader.recall(text, isRequest: isRequest, memory), isRequest, whole) }
  }

  /// What is recalled without being read.
  private static func check(_ plain: PlainHead?, _ isRequest: Bool, _ whole: Outcome) {
    guard let plain else { return }
    let head = whole.head
    promise(whole.progress == .complete && head.isRequest == isRequest, "a plain head is a head: \(whole)")
    promise(plain.end == whole.end && plain.facts == head.facts, "a plain head says the same: \(whole) \(plain)")
    promise(plain.bodyLength == head.usualBodyLength, "a plain head's body is as long: \(whole) \(plain)")
    promise(plain.isHEAD == (head.method == .head), "a plain head's method is the same: \(whole) \(plain)")
  }

  private struct Outcome: Equatable {
    var progress: HeadReader.Progress
    var head: MessageHead
    var end: Int
  }

  private static func read(_ text: RawSpan, _ memory: borrowing HeadMemory) -> Outcome {
    var reader = HeadReader()
    var offset = 0
    let isWhole = reader.readUsual(text, from: &offset, memory)
    let progress = isWhole ? .complete : reader.read(text, from: &offset)
    return Outcome(progress: progress, head: reader.head, end: offset)
  }

  private static func read(_ text: RawSpan, _ piece: (Int) -> Int) -> Outcome {
    var reader = HeadReader()
    var offset = 0
    var progress = HeadReader.Progress.partial
    while offset < text.byteCount {
      let end = offset + piece(text.byteCount - offset)
      progress = reader.read(text.extracting(0..<end), from: &offset)
      promise(offset <= end, "a head does not end behind its octets")
      guard case .partial = progress else { break }
      promise(offset == end, "all octets are read before more are wanted")
    }
    return Outcome(progress: progress, head: reader.head, end: offset)
  }
}
