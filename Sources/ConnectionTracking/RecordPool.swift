/// Where a record is in its pool.
struct RecordNumber: Hashable, Sendable, BitwiseCopyable {
  fileprivate let rawValue: UInt32

  /// Zero, like all else that a record has at first.
  static let none = RecordNumber(rawValue: 0)
}

/// Records of one kind. Free ones are used again, the last first: its memory is near.
///
/// Every number that comes back was handed out by `insert`: that is what makes it safe.
@safe
struct RecordPool<Record: BitwiseCopyable & Sendable>: ~Copyable {
  private let records: ReservedArray<Record>
  private var firstFree = RecordNumber.none
  private var handedOut: UInt32 = 0

  /// So many are handed out between two looks at the pages where they are.
  private static var looks: UInt32 { 4096 }

  /// As many as there may be at once.
  var capacity: Int { records.capacity }

  init(capacity: Int, orFewer fewer: Int) {
    precondition(MemoryLayout<Record>.size >= MemoryLayout<RecordNumber>.size)
    records = ReservedArray(capacity: min(capacity, Int(UInt32.max)), orFewer: fewer)
  }

  @inline(__always)
  private func offset(of number: RecordNumber) -> Int {
    let offset = number.rawValue &- 1
    precondition(offset < handedOut, "a record that was never handed out")
    return Int(offset)
  }

  @inline(__always)
  private func place(of number: RecordNumber) -> UnsafeMutablePointer<Record> {
    unsafe records.start + offset(of: number)
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
    if number != .none { records.prefetch(offset(of: number)) }
  }

  /// Nil when there are as many as there may be.
  mutating func insert(_ record: Record) -> RecordNumber? {
    guard let number = takeNumber() else { return nil }
    unsafe place(of: number).initialize(to: record)
    return number
  }

  /// The same of one that is as at first, which is zero, the octets between as well; none when there are as many as there
  /// may be.
  @inline(__always)
  mutating func insertBlank() -> RecordNumber {
    guard let number = takeNumber() else { return .none }
    let place = unsafe UnsafeMutableRawPointer(place(of: number))
    unsafe place.initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<Record>.size)
    return number
  }

  @inline(__always)
  private mutating func takeNumber() -> RecordNumber? {
    guard firstFree == .none else {
      let number = firstFree
      firstFree = unsafe UnsafeRawPointer(place(of: number)).load(as: RecordNumber.self)
      return number
    }
    guard Int(handedOut) < capacity else { return nil }
    if handedOut % Self.looks == 0 { records.noteUse(of: Int(handedOut)..<Int(handedOut + Self.looks)) }
    handedOut += 1
    return RecordNumber(rawValue: handedOut)
  }

  mutating func remove(_ number: RecordNumber) {
    unsafe UnsafeMutableRawPointer(place(of: number)).storeBytes(of: firstFree, as: RecordNumber.self)
    firstFree = number
  }
}
