internal import CPrefetch

/// A run of slots: the hot lines together, the details together, the stays together, and what not every connection has, whose memory is not
/// touched before it is needed: keys that do not fit the hot line, conversations, and of these the part that only those
/// need whose messages are read.
@safe
struct FlowChunk {
  static let slots = 4096
  static let cacheLine = 64

  let flows: UnsafeMutablePointer<Flow>
  let details: UnsafeMutablePointer<FlowDetail>
  let stays: UnsafeMutablePointer<Stay>
  let wideKeys: UnsafeMutablePointer<FlowKey>
  let turns: UnsafeMutablePointer<Conversation.Turns>
  let speakers: UnsafeMutablePointer<Conversation.Speakers>
  /// Its memory was asked for alone, or it is the first of those it was asked for with.
  private let ownsMemory: Bool

  /// A table of this many chunks gets its memory in large pages from then on: a lookup in a table of that size would
  /// wait for the translation of each address as well.
  private static let smallChunks = 8
  /// So many then share a block: of each value that is a multiple of eight octets, whole large pages.
  private static let chunksOfBlock = 64

  /// The next chunks of a table that has `count`, one at least and at most `limit`.
  static func allocate(after count: Int, limit: Int) -> [FlowChunk] {
    let isLarge = count >= smallChunks
    let number = isLarge ? max(1, min(chunksOfBlock, limit)) : 1
    let block = unsafe FlowChunk(
      flows: memory(number, isLarge),
      details: memory(number, isLarge),
      stays: memory(number, isLarge),
      wideKeys: memory(number, isLarge),
      turns: memory(number, isLarge),
      // In large pages what few have would take the memory of all.
      speakers: memory(number, false),
      ownsMemory: true
    )
    return (0..<number).map { block.chunk($0) }
  }

  private static func memory<Value>(_ chunks: Int, _ isLarge: Bool) -> UnsafeMutablePointer<Value> {
    let count = chunks * slots
    let size = count * MemoryLayout<Value>.stride
    let alignment = isLarge ? Int(tcpstated_large_page) : cacheLine
    let start = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: alignment)
    if isLarge { unsafe tcpstated_advise_large_pages(start, size) }
    return unsafe start.bindMemory(to: Value.self, capacity: count)
  }

  private func chunk(_ number: Int) -> FlowChunk {
    let offset = number * Self.slots
    return unsafe FlowChunk(
      flows: flows + offset,
      details: details + offset,
      stays: stays + offset,
      wideKeys: wideKeys + offset,
      turns: turns + offset,
      speakers: speakers + offset,
      ownsMemory: number == 0
    )
  }

  /// Asks for all lines of a value.
  @inline(__always)
  static func prefetch<Value>(_ value: UnsafeMutablePointer<Value>) {
    let start = UnsafeRawPointer(value)
    var reached = 0
    while reached < MemoryLayout<Value>.size {
      unsafe tcpstated_prefetch(start + reached)
      reached += cacheLine
    }
    // It need not begin where a line does.
    if MemoryLayout<Value>.size % cacheLine != 0 {
      unsafe tcpstated_prefetch(start + MemoryLayout<Value>.size - 1)
    }
  }

  func deallocate() {
    guard ownsMemory else { return }
    unsafe flows.deallocate()
    unsafe details.deallocate()
    unsafe stays.deallocate()
    unsafe wideKeys.deallocate()
    unsafe turns.deallocate()
    unsafe speakers.deallocate()
  }
}
