/// Where connections are: the hot lines together, the details together, the stays together, and what not every
/// connection has, whose memory is not touched before it is needed: keys that do not fit the hot line, conversations,
/// of these the part that only those need whose messages are read, probes, and what few have.
struct FlowMemory: ~Copyable {
  // First, as it begins with an address: under the thread sanitizer Swift 6.3 cannot compile changes of what stands in
  // here otherwise (it takes the first word of the whole for the address that is written to).
  let flows: ReservedArray<Flow>
  let details: ReservedArray<FlowDetail>
  let stays: ReservedArray<Stay>
  let wideKeys: ReservedArray<FlowKey>
  let turns: ReservedArray<Conversation.Turns>
  let speakers: ReservedArray<Conversation.Speakers>
  let probes: ReservedArray<Conversation.Probes>
  var closings: RecordPool<FlowClosing>
  var oddities: RecordPool<FlowOddities>
  var index: FlowIndex
  let capacity: Int

  /// So many connections there are room for in any case.
  static let fewest = 4096

  /// What a connection takes that has everything a connection may have, with its part of the index.
  static var bytesPerConnection: Int {
    MemoryLayout<Flow>.stride + MemoryLayout<FlowDetail>.stride + MemoryLayout<Stay>.stride
      + MemoryLayout<FlowKey>.stride + MemoryLayout<Conversation.Turns>.stride
      + MemoryLayout<Conversation.Speakers>.stride + MemoryLayout<Conversation.Probes>.stride
      + FlowIndex.bytesPerConnection
  }

  /// So many slots are handed out between two looks at the pages where they are.
  private static let looks = 4096

  /// Notes that a slot is handed out for the first time.
  // Mutating, as the next: for what is not, memory of a table that is being changed is copied.
  @inline(__always)
  mutating func noteUse(of number: UInt32) {
    if number % UInt32(Self.looks) == 0 { notePages(Int(number)) }
  }

  @inline(never)
  private mutating func notePages(_ first: Int) {
    let numbers = first..<first + Self.looks
    flows.noteUse(of: numbers)
    details.noteUse(of: numbers)
    stays.noteUse(of: numbers)
    turns.noteUse(of: numbers)
    speakers.noteUse(of: numbers)
  }

  /// For as many as are wanted; for half of them, and so on, where the kernel refuses address space for so many.
  static func fitting(_ wanted: Int) -> FlowMemory {
    var wanted = wanted
    while true {
      if wanted <= fewest || hasRoom(for: wanted) {
        let memory = FlowMemory(capacity: wanted)
        if memory.capacity >= wanted { return memory }
      }
      wanted /= 2
    }
  }

  /// Whether there is address space for so many connections, and as much as all else may need: where it is limited, the
  /// table could take the last of it.
  private static func hasRoom(for capacity: Int) -> Bool {
    let each = bytesPerConnection + MemoryLayout<FlowClosing>.stride + MemoryLayout<FlowOddities>.stride
    let (size, isTooMuch) = capacity.multipliedReportingOverflow(by: each)
    let words = (size >> 3).addingReportingOverflow(1 << 26)
    guard !isTooMuch, !words.overflow else { return false }
    return ReservedArray<UInt64>(capacity: words.partialValue, orFewer: 1, pages: .small).capacity > 1
  }

  private init(capacity wanted: Int) {
    index = FlowIndex(capacity: wanted)
    flows = ReservedArray(capacity: wanted, orFewer: Self.fewest)
    details = ReservedArray(capacity: wanted, orFewer: Self.fewest)
    stays = ReservedArray(capacity: wanted, orFewer: Self.fewest)
    wideKeys = ReservedArray(capacity: wanted, orFewer: Self.fewest)
    turns = ReservedArray(capacity: wanted, orFewer: Self.fewest)
    speakers = ReservedArray(capacity: wanted, orFewer: Self.fewest)
    probes = ReservedArray(capacity: wanted, orFewer: Self.fewest, pages: .small)
    closings = RecordPool(capacity: wanted, orFewer: Self.fewest)
    oddities = RecordPool(capacity: wanted, orFewer: Self.fewest)
    let dense = min(flows.capacity, details.capacity, stays.capacity)
    let sparse = min(wideKeys.capacity, turns.capacity, speakers.capacity, probes.capacity)
    capacity = min(index.capacity, dense, sparse, closings.capacity, oddities.capacity)
  }
}
