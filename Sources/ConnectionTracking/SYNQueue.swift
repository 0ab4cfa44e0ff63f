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
/// The pointers are private, and the number of a group that was never handed out is refused: that is what makes it safe.
/// Memory is taken only where it is touched.
@safe
struct SYNQueue: ~Copyable {
  private let requests: UnsafeMutablePointer<Request>
  private let groups: UnsafeMutablePointer<Group>
  private let reserved: (requests: Int, groups: Int)
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
  fileprivate struct Group: BitwiseCopyable {
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

  /// - Parameter wanted: the most there will be.
  init(capacity wanted: Int, span: Seconds) {
    var capacity = max(1, min(wanted, Self.most))
    while true {
      // One group for each, at worst, and one to fill.
      let sizes = Self.sizes(capacity)
      let (requests, groups) = unsafe (tcpstated_reserve(sizes.requests), tcpstated_reserve(sizes.groups))
      if let requests = unsafe requests, let groups = unsafe groups {
        unsafe self.requests = requests.bindMemory(to: Request.self, capacity: (capacity + 1) * Int(Self.groupSize))
        unsafe self.groups = groups.bindMemory(to: Group.self, capacity: capacity + 1)
        (self.capacity, self.span, reserved) = (capacity, span, sizes)
        return
      }
      if let requests = unsafe requests { unsafe tcpstated_release(requests, sizes.requests) }
      if let groups = unsafe groups { unsafe tcpstated_release(groups, sizes.groups) }
      // As of any memory: there is no table smaller than this.
      guard capacity > 4096 else { fatalError("no memory for the table of connections") }
      capacity /= 2
    }
  }

  private static func sizes(_ capacity: Int) -> (requests: Int, groups: Int) {
    let groups = capacity + 1
    return (groups * Int(groupSize) * MemoryLayout<Request>.stride, groups * MemoryLayout<Group>.stride)
  }

  deinit {
    unsafe tcpstated_release(requests, reserved.requests)
    unsafe tcpstated_release(groups, reserved.groups)
  }

  // MARK: Reading

  /// Numbers run from 0 to below this one.
  var limit: UInt32 { handedOut &* Self.groupSize }

  @inline(__always)
  private func group(_ number: UInt32) -> UnsafeMutablePointer<Group> {
    precondition(number < limit, "a number that was never handed out")
    return unsafe groups + Int(number / Self.groupSize)
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
      return unsafe UnsafePointer(requests + Int(number))
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
      next = unsafe groups[Int(next)].following
      guard next != Self.none else { return Self.none }
      rest = unsafe groups[Int(next)].present
    }
    return next &* Self.groupSize &+ UInt32(truncatingIfNeeded: rest.trailingZeroBitCount)
  }

  @inline(__always)
  func prefetch(_ number: UInt32) {
    guard number < limit else { return }
    let start = unsafe UnsafeRawPointer(requests + Int(number))
    unsafe tcpstated_prefetch(start)
    unsafe tcpstated_prefetch(start + MemoryLayout<Request>.size - 1)
    unsafe tcpstated_prefetch(groups + Int(number / Self.groupSize))
  }

  // MARK: Change

  /// Adds a SYN that came last.
  @inline(__always)
  mutating func add(_ request: Request, _ beginning: Beginning) -> UInt32 {
    var request = request
    if unsafe last == Self.none || !groups[Int(last)].dates(&request, beginning) {
      beginGroup()
      _ = unsafe groups[Int(last)].dates(&request, beginning)
    }
    let number = takeNumber()
    unsafe (requests + Int(number)).initialize(to: request)
    return number
  }

  @inline(__always)
  func setAccount(_ account: AccountKey, of number: UInt32) {
    precondition(number < limit, "a number that was never handed out")
    unsafe requests[Int(number)].account = account
  }

  /// Adds one that has its place among the connections.
  mutating func add(_ slot: Slot) -> UInt32 {
    if unsafe last == Self.none || groups[Int(last)].taken == Self.groupSize { beginGroup() }
    let number = takeNumber()
    place(number, at: slot)
    return number
  }

  /// It has its place among the connections from now on.
  @inline(__always)
  func place(_ number: UInt32, at slot: Slot) {
    unsafe group(number).pointee.whole |= Self.bit(number)
    unsafe requests[Int(number)].ports = slot.rawValue
  }

  @inline(__always)
  private mutating func takeNumber() -> UInt32 {
    let group = unsafe groups + Int(last)
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
    for number in 0..<limit where isRequest(number) { unsafe requests[Int(number)].notePartial() }
  }

  // MARK: Groups

  /// A new last one.
  @inline(never)
  private mutating func beginGroup() {
    let number: UInt32
    if firstFree != Self.none {
      number = firstFree
      firstFree = unsafe groups[Int(number)].following
    } else {
      precondition(Int(handedOut) <= capacity, "more handshakes than connections")
      number = handedOut
      handedOut += 1
    }
    unsafe (groups + Int(number)).initialize(to: Group())
    unsafe groups[Int(number)].previous = last
    if last != Self.none { unsafe groups[Int(last)].following = number }
    last = number
  }

  /// Takes out a group of which all have left; the last is filled anew.
  @inline(never)
  private mutating func empty(_ number: UInt32) {
    let (previous, following) = unsafe (groups[Int(number)].previous, groups[Int(number)].following)
    guard number != last else {
      unsafe (groups + Int(number)).initialize(to: Group())
      unsafe groups[Int(number)].previous = previous
      return
    }
    if previous != Self.none { unsafe groups[Int(previous)].following = following }
    unsafe groups[Int(following)].previous = previous
    unsafe groups[Int(number)].present = 0
    unsafe groups[Int(number)].following = firstFree
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
