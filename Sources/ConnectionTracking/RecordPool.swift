internal import CPrefetch

/// Where a record is in its pool.
struct RecordNumber: Hashable, Sendable, BitwiseCopyable {
  fileprivate let rawValue: UInt32

  /// Zero, like all else that a record has at first.
  static let none = RecordNumber(rawValue: 0)
}

/// Records of one kind, in blocks that never move. Free ones are used again, the last first: its memory is near.
///
/// The pointers are private, and every number that comes back was handed out by `insert`: that is what makes it safe.
@safe
struct RecordPool<Record: BitwiseCopyable & Sendable>: ~Copyable {
  private var blocks: [Block] = []
  private var firstFree = RecordNumber.none
  private var handedOut: UInt32 = 0

  private static var recordsInBlock: Int { 1024 }

  /// A pool of this many blocks gets its memory in large pages from then on, as the table does.
  private static var smallBlocks: Int { 32 }
  /// So many then share a region: of records that are a multiple of eight octets, whole large pages.
  private static var blocksOfRegion: Int { 256 }

  @safe
  private struct Block: @unchecked Sendable {
    let records: UnsafeMutablePointer<Record>
    /// It is the first of those whose memory was asked for at once.
    let ownsMemory: Bool
  }

  init() {
    precondition(MemoryLayout<Record>.size >= MemoryLayout<RecordNumber>.size)
  }

  deinit {
    for block in blocks where block.ownsMemory { unsafe block.records.deallocate() }
  }

  @inline(__always)
  private func place(of number: RecordNumber) -> UnsafeMutablePointer<Record> {
    precondition(number.rawValue != 0 && number.rawValue <= handedOut, "a record that was never handed out")
    let (block, offset) = Int(number.rawValue &- 1).quotientAndRemainder(dividingBy: Self.recordsInBlock)
    return unsafe blocks[block].records + offset
  }

  /// The caller keeps it no longer than the record.
  @unsafe
  @inline(__always)
  func address(of number: RecordNumber) -> UnsafeMutablePointer<Record> { unsafe place(of: number) }

  subscript(number: RecordNumber) -> Record {
    unsafeAddress { unsafe UnsafePointer(place(of: number)) }
    nonmutating unsafeMutableAddress { unsafe place(of: number) }
  }

  /// Asks for the memory of a record, if there is one.
  @inline(__always)
  func prefetch(_ number: RecordNumber) {
    if number != .none { unsafe FlowChunk.prefetch(place(of: number)) }
  }

  /// Nil when there are as many as can be numbered.
  mutating func insert(_ record: Record) -> RecordNumber? {
    let number: RecordNumber
    if firstFree != .none {
      number = firstFree
      firstFree = unsafe UnsafeRawPointer(place(of: number)).load(as: RecordNumber.self)
    } else {
      guard handedOut < .max else { return nil }
      if Int(handedOut) == blocks.count * Self.recordsInBlock {
        appendBlocks()
      }
      handedOut += 1
      number = RecordNumber(rawValue: handedOut)
    }
    unsafe place(of: number).initialize(to: record)
    return number
  }

  @inline(never)
  private mutating func appendBlocks() {
    let isLarge = blocks.count >= Self.smallBlocks
    let number = isLarge ? Self.blocksOfRegion : 1
    let size = number * Self.recordsInBlock * MemoryLayout<Record>.stride
    let alignment = isLarge ? Int(tcpstated_large_page) : MemoryLayout<Record>.alignment
    let start = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: alignment)
    if isLarge { unsafe tcpstated_advise_large_pages(start, size) }
    let records = unsafe start.bindMemory(to: Record.self, capacity: number * Self.recordsInBlock)
    for block in 0..<number {
      blocks.append(unsafe Block(records: records + block * Self.recordsInBlock, ownsMemory: block == 0))
    }
  }

  mutating func remove(_ number: RecordNumber) {
    unsafe UnsafeMutableRawPointer(place(of: number)).storeBytes(of: firstFree, as: RecordNumber.self)
    firstFree = number
  }
}
