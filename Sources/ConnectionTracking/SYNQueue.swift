internal import CPrefetch
internal import PacketDecoding

/// Handshakes that are not complete, in the order in which they began to wait. All wait for the same span, so that the
/// first is the next to run out.
///
/// Of those of which nothing but the SYN has come, it holds all that is known: they have no place among the connections
/// before another segment comes. Others have their place here for the order alone.
///
/// They stand in groups of eight, which are linked, so that what leaves in the midst of the others gives its memory
/// back: a group is free when all of it have left. A group knows when it began, and each of it only how much later it
/// did itself.
///
/// The arrays are private, and the number of a group that was never handed out is refused: that is what makes it safe.
@safe
struct SYNQueue: ~Copyable {
  private let requests: ReservedArray<Request>
  private let groups: ReservedArray<Group>
  /// How many there may be: less than was wanted where the kernel refuses so much address space.
  let capacity: Int
  /// How long they wait.
  let span: Seconds
  private(set) var count = 0
  /// The number of the first.
  private(set) var first = Self.none
  private var last = Self.none
  private var firstFree = Self.none
  private var handedOut: UInt32 = 0

  static let none = UInt32.max
  static let groupSize: UInt32 = 8
  private static let most = Int(1 << 27)

  /// What is known of eight together.
  struct Group: BitwiseCopyable {
    var beginning = Beginning(now: Instant(nanoseconds: 0), captured: Timestamp(nanoseconds: 0), serial: 0)
    var previous = SYNQueue.none
    var following = SYNQueue.none
    /// How many came; a bit for each that is here; a bit for each that has its place among the connections.
    var taken: UInt8 = 0
    var present: UInt8 = 0
    var whole: UInt8 = 0
    /// Its beginning is known.
    var hasBegun = false
  }

  /// Address space, not memory.
  static var reservedPerConnection: Int {
    Int(groupSize) * MemoryLayout<Request>.stride + MemoryLayout<Group>.stride
  }

  /// - Parameter wanted: the most there will be.
  init(capacity wanted: Int, span: Seconds) {
    // One group for each, at worst, and one to fill.
    let (most, fewest) = (max(1, min(wanted, Self.most)) + 1, FlowMemory.fewest + 1)
    let size = Int(Self.groupSize)
    requests = ReservedArray(capacity: most * size, orFewer: fewest * size, pages: .small)
    groups = ReservedArray(capacity: most, orFewer: fewest, pages: .small)
    capacity = min(requests.capacity / size, groups.capacity) - 1
    self.span = span
  }

  // MARK: Reading

  /// Numbers run from 0 to below this one.
  var limit: UInt32 { handedOut &* Self.groupSize }

  @inline(__always)
  private func group(_ number: UInt32) -> UnsafeMutablePointer<Group> {
    precondition(number < limit, "a number that was never handed out")
    return unsafe groups.start + Int(number / Self.groupSize)
  }

  @inline(__always)
  private static func bit(_ number: UInt32) -> UInt8 { 1 &<< UInt8(truncatingIfNeeded: number % groupSize) }

  /// Nothing but its SYN has come.
  @inline(__always)
  func isRequest(_ number: UInt32) -> Bool {
    let group = unsafe group(number)
    return unsafe group.pointee.present & ~group.pointee.whole & Self.bit(number) != 0
  }

  /// What is known of one of which nothing but the SYN has come.
  @inline(__always)
  subscript(number: UInt32) -> Request {
    unsafeAddress {
      precondition(number < limit, "a number that was never handed out")
      return unsafe UnsafePointer(requests.start + Int(number))
    }
  }

  /// The slot of one that has its place among the connections.
  @inline(__always)
  func slot(_ number: UInt32) -> Slot { Slot(self[number].ports) }

  @inline(__always)
  func beginning(_ number: UInt32) -> Beginning {
    let (start, request) = unsafe (group(number).pointee.beginning, self[number])
    let delay = Int64(request.delay)
    return Beginning(
      now: Instant(nanoseconds: start.now.nanoseconds &+ delay),
      captured: Timestamp(nanoseconds: start.captured.nanoseconds &+ delay &+ Int64(request.drift)),
      serial: start.serial &+ UInt64(request.serialOffset)
    )
  }

  @inline(__always)
  func serial(_ number: UInt32) -> UInt64 {
    unsafe group(number).pointee.beginning.serial &+ UInt64(self[number].serialOffset)
  }

  /// When it runs out.
  @inline(__always)
  func deadline(_ number: UInt32) -> Instant {
    unsafe group(number).pointee.beginning.now + Seconds(nanoseconds: Int64(self[number].delay) &+ span.nanoseconds)
  }

  /// The number of the one behind it; `none` at the end.
  @inline(__always)
  func number(after number: UInt32) -> UInt32 {
    // Those after it in its group; then those of the next, the last of which alone may be empty.
    var next = number / Self.groupSize
    var rest = unsafe group(number).pointee.present & ~(Self.bit(number) << 1 &- 1)
    while rest == 0 {
      next = unsafe groups.start[Int(next)].following
      guard next != Self.none else { return Self.none }
      rest = unsafe groups.start[Int(next)].present
    }
    return next &* Self.groupSize &+ UInt32(truncatingIfNeeded: rest.trailingZeroBitCount)
  }

  @inline(__always)
  static func areOfOneGroup(_ number: UInt32, _ other: UInt32) -> Bool { (number ^ other) < groupSize }

  /// The numbers of the group behind that of a number, which need not all be somebody's.
  func group(after number: UInt32) -> Range<UInt32>? {
    let next = unsafe group(number).pointee.following
    guard next != Self.none else { return nil }
    return next &* Self.groupSize..<(next &+ 1) &* Self.groupSize
  }

  /// Asks for all that is known of a group.
  @inline(__always)
  func prefetch(_ numbers: Range<UInt32>) {
    for number in numbers { requests.prefetchLine(Int(number)) }
    groups.prefetchLine(Int(numbers.lowerBound / Self.groupSize))
  }

  @inline(__always)
  func prefetch(_ number: UInt32) {
    guard number < limit else { return }
    let start = unsafe UnsafeRawPointer(requests.start + Int(number))
    unsafe tcpstated_prefetch(start)
    unsafe tcpstated_prefetch(start + MemoryLayout<Request>.size - 1)
    unsafe tcpstated_prefetch(groups.start + Int(number / Self.groupSize))
  }

  // MARK: Change

  /// Adds a SYN that came last.
  @inline(__always)
  mutating func add(_ request: Request, _ beginning: Beginning) -> UInt32 {
    var request = request
    if unsafe last == Self.none || !groups.start[Int(last)].dates(&request, beginning) {
      beginGroup()
      _ = unsafe groups.start[Int(last)].dates(&request, beginning)
    }
    let number = takeNumber()
    unsafe (requests.start + Int(number)).initialize(to: request)
    return number
  }

  @inline(__always)
  func setAccount(_ account: AccountKey, of number: UInt32) {
    precondition(number < limit, "a number that was never handed out")
    unsafe requests.start[Int(number)].account = account
  }

  /// Adds one that has its place among the connections.
  mutating func add(_ slot: Slot) -> UInt32 {
    if unsafe last == Self.none || groups.start[Int(last)].taken == Self.groupSize { beginGroup() }
    let number = takeNumber()
    place(number, at: slot)
    return number
  }

  /// It has its place among the connections from now on.
  @inline(__always)
  func place(_ number: UInt32, at slot: Slot) {
    unsafe group(number).pointee.whole |= Self.bit(number)
    unsafe requests.start[Int(number)].ports = slot.rawValue
  }

  @inline(__always)
  private mutating func takeNumber() -> UInt32 {
    let group = unsafe groups.start + Int(last)
    let number = unsafe last &* Self.groupSize &+ UInt32(group.pointee.taken)
    unsafe group.pointee.taken &+= 1
    unsafe group.pointee.present |= Self.bit(number)
    if first == Self.none { first = number }
    count += 1
    return number
  }

  @inline(__always)
  mutating func remove(_ number: UInt32) {
    let group = unsafe group(number)
    precondition(unsafe group.pointee.present & Self.bit(number) != 0, "a number that nobody has")
    if first == number { first = self.number(after: number) }
    unsafe group.pointee.present &= ~Self.bit(number)
    unsafe group.pointee.whole &= ~Self.bit(number)
    count -= 1
    if unsafe group.pointee.present == 0 { empty(number / Self.groupSize) }
  }

  /// Captured without payload from now on.
  func notePartial() {
    for number in 0..<limit where isRequest(number) { unsafe requests.start[Int(number)].notePartial() }
  }

  // MARK: Groups

  /// A new last one.
  @inline(never)
  private mutating func beginGroup() {
    let number: UInt32
    if firstFree != Self.none {
      number = firstFree
      firstFree = unsafe groups.start[Int(number)].following
    } else {
      precondition(Int(handedOut) <= capacity, "more handshakes than connections")
      number = handedOut
      handedOut += 1
    }
    unsafe (groups.start + Int(number)).initialize(to: Group())
    unsafe groups.start[Int(number)].previous = last
    if last != Self.none { unsafe groups.start[Int(last)].following = number }
    last = number
  }

  /// Takes out a group of which all have left; the last is filled anew.
  @inline(never)
  private mutating func empty(_ number: UInt32) {
    let (previous, following) = unsafe (groups.start[Int(number)].previous, groups.start[Int(number)].following)
    guard number != last else {
      unsafe (groups.start + Int(number)).initialize(to: Group())
      unsafe groups.start[Int(number)].previous = previous
      return
    }
    if previous != Self.none { unsafe groups.start[Int(previous)].following = following }
    unsafe groups.start[Int(following)].previous = previous
    unsafe groups.start[Int(number)].present = 0
    unsafe groups.start[Int(number)].following = firstFree
    firstFree = number
  }
}

extension SYNQueue.Group {
  /// Notes in a request how much later than the group it began; false when there is no room for it, or for that.
  @inline(__always)
  fileprivate mutating func dates(_ request: inout Request, _ moment: Beginning) -> Bool {
    guard taken < SYNQueue.groupSize else { return false }
    if !hasBegun {
      beginning = moment
      hasBegun = true
    }
    let delay = moment.now.nanoseconds &- beginning.now.nanoseconds
    let drift = moment.captured.nanoseconds &- beginning.captured.nanoseconds &- delay
    let serial = moment.serial &- beginning.serial
    guard let delay = UInt32(exactly: delay), let drift = Int32(exactly: drift), let serial = UInt16(exactly: serial)
    else { return false }
    (request.delay, request.drift, request.serialOffset) = (delay, drift, serial)
    return true
  }
}
