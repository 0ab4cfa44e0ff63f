internal import PacketDecoding

/// Connections in order of their deadlines: a list through the table's slots.
///
/// There are few spans of waiting, so a list per span needs no heap: what is armed last is nearly always due last. What
/// is not (the later end of a simultaneous close, a timer that was read from the kernel) finds its place through an
/// index of time slices, for one connection out of order would hold up all behind it.
///
/// The pointer is private, and every offset of it is less than the number of slices: that is what makes it safe. (An
/// array would be asked for each time whether it is shared and how long it is.)
@safe
struct DeadlineQueue: ~Copyable {
  /// Which queue a connection stands in: always exactly one.
  enum Kind: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// Not in use.
    case free
    /// Nothing to wait for: established, CLOSE_WAIT, FIN_WAIT_2.
    case open
    /// The handshake is not complete.
    case halfOpen
    /// A FIN waits for its acknowledgment.
    case unansweredFIN
    /// An end holds TIME_WAIT.
    case timeWait
    /// Ended: kept a while for stragglers, which would look like a connection picked up midway.
    case ended
    /// Neither end is ours, so nothing but silence tells that it is gone.
    case idleTransit
    /// A local FIN_WAIT_2 that no process holds open: the kernel gives it `tcp_fin_timeout`.
    case orphan
    /// Picked up while it was running, if it was: only one end has been heard of, and anybody can make that up.
    case oneSided
    /// The handshake is not complete, but the server has answered. Looked for when handshakes make way; before that they
    /// stand among the others.
    case answered
    /// Half open, and nothing but the SYN has come: stands among those half open, and has no detail yet.
    case request

    var isHandshake: Bool { self == .halfOpen || self == .request || self == .answered }
  }

  private(set) var head = Slot.none
  private(set) var tail = Slot.none
  private(set) var count = 0
  /// The last slot of each time slice before the tail's, going round; nil when nothing comes out of order.
  private let lastOfSlice: UnsafeMutablePointer<Slot>?

  init(comesOutOfOrder: Bool = false) {
    unsafe lastOfSlice = comesOutOfOrder ? .allocate(capacity: Self.sliceCount) : nil
    unsafe lastOfSlice?.initialize(repeating: .none, count: Self.sliceCount)
  }

  deinit { unsafe lastOfSlice?.deallocate() }

  var hasSlices: Bool {
    @inline(__always) get { unsafe lastOfSlice != nil }
  }

  /// The last slot of the slice of a deadline; none where there are no slices.
  private subscript(lastBeside deadline: Instant) -> Slot {
    @inline(__always) get {
      guard let slots = unsafe lastOfSlice else { return .none }
      return unsafe slots[deadline.slice & Self.sliceMask]
    }
    @inline(__always) nonmutating set { unsafe lastOfSlice?[deadline.slice & Self.sliceMask] = newValue }
  }

  /// Adds a slot where its deadline belongs.
  ///
  /// - Returns: whether it may be the first to be due.
  @inline(__always)
  @discardableResult
  mutating func add(_ slot: Slot, due deadline: Instant, _ table: inout FlowTable) -> Bool {
    let isFirst = tail == .none
    if !isFirst {
      let last = table[stayAt: tail].deadline
      guard last <= deadline else {
        addBetween(slot, deadline, &table)
        return true
      }
      table[stayAt: tail].following = slot
      if last.slice != deadline.slice { self[lastBeside: last] = tail }
    } else {
      head = slot
    }
    table.wait(slot, until: deadline, between: tail, and: .none)
    tail = slot
    count &+= 1
    return isFirst
  }

  @inline(never)
  private mutating func addBetween(_ slot: Slot, _ deadline: Instant, _ table: inout FlowTable) {
    let previous = lastDue(by: deadline, &table)
    insert(slot, due: deadline, after: previous, &table)
    let following = table[stayAt: slot].following
    if following != .none, table[stayAt: following].deadline.slice != deadline.slice {
      self[lastBeside: deadline] = slot
    }
  }

  @inline(__always)
  mutating func remove(_ slot: Slot, _ table: inout FlowTable) {
    let stay = table[stayAt: slot]
    let (previous, following, deadline) = (stay.previous, stay.following, stay.deadline)
    if previous == .none { head = following } else { table[stayAt: previous].following = following }
    if following == .none { tail = previous } else { table[stayAt: following].previous = previous }
    count &-= 1
    if self[lastBeside: deadline] == slot {
      let isSameSlice = previous != .none && table[stayAt: previous].deadline.slice == deadline.slice
      self[lastBeside: deadline] = isSameSlice ? previous : .none
    }
  }

  /// Puts one behind all others, with a deadline that comes after its own. (What has to be looked at before that is no
  /// more than it was.)
  ///
  /// - Returns: false, and nothing is changed, where it belongs before others, or there are none behind it.
  @inline(__always)
  mutating func postpone(_ slot: Slot, until deadline: Instant, _ table: inout FlowTable) -> Bool {
    let stay = table[stayAt: slot]
    let last = tail
    guard stay.following != .none, table[stayAt: last].deadline <= deadline else { return false }
    if stay.previous == .none { head = stay.following } else { table[stayAt: stay.previous].following = stay.following }
    table[stayAt: stay.following].previous = stay.previous
    if self[lastBeside: stay.deadline] == slot {
      let isSameSlice = stay.previous != .none && table[stayAt: stay.previous].deadline.slice == stay.deadline.slice
      self[lastBeside: stay.deadline] = isSameSlice ? stay.previous : .none
    }
    table[stayAt: last].following = slot
    let lastDeadline = table[stayAt: last].deadline
    if lastDeadline.slice != deadline.slice { self[lastBeside: lastDeadline] = last }
    table.wait(slot, until: deadline, between: last, and: .none)
    tail = slot
    return true
  }

  /// Whether the first may go behind all others, which are due no later.
  @inline(__always)
  func mayRotate(due deadline: Instant, _ table: inout FlowTable) -> Bool {
    head != tail && !hasSlices && table[stayAt: tail].deadline <= deadline
  }

  /// Puts the first where one with this deadline belongs: behind all others, as `mayRotate` said. For one that comes as
  /// another goes whose place it gets.
  @inline(__always)
  mutating func rotate(due deadline: Instant, _ table: inout FlowTable) {
    let (slot, last) = (head, tail)
    head = table[stayAt: slot].following
    table[stayAt: head].previous = .none
    table[stayAt: last].following = slot
    table.wait(slot, until: deadline, between: last, and: .none)
    tail = slot
  }

  /// Puts those up to this one, which is not the last, behind all others: they have got deadlines that belong there.
  @inline(__always)
  mutating func rotate(through slot: Slot, _ table: inout FlowTable) {
    let (first, last) = (head, tail)
    head = table[stayAt: slot].following
    table[stayAt: head].previous = .none
    table[stayAt: last].following = first
    table[stayAt: first].previous = last
    table[stayAt: slot].following = .none
    tail = slot
  }

  // MARK: Order

  private static let sliceCount = 8192
  private static let sliceMask = sliceCount - 1
  /// Without an index, out of order by a few is harmless (it is looked at a moment late); a long search is not.
  private static let longestSearch = 64

  /// The slot after which a deadline belongs.
  private func lastDue(by deadline: Instant, _ table: inout FlowTable) -> Slot {
    guard tail != .none, table[stayAt: tail].deadline > deadline else { return tail }
    guard hasSlices else { return lastDue(by: deadline, from: tail, Self.longestSearch, &table) }
    guard table[stayAt: tail].deadline.slice != deadline.slice else {
      return lastDue(by: deadline, from: tail, .max, &table)
    }
    return lastDue(by: deadline, from: lastInSlice(upTo: deadline, &table), .max, &table)
  }

  private func lastDue(by deadline: Instant, from start: Slot, _ limit: Int, _ table: inout FlowTable) -> Slot {
    var candidate = start
    var steps = 0
    while candidate != .none, steps < limit, table[stayAt: candidate].deadline > deadline {
      candidate = table[stayAt: candidate].previous
      steps += 1
    }
    return candidate
  }

  /// The last slot in the slice of `deadline`, or else in the nearest one before.
  private func lastInSlice(upTo deadline: Instant, _ table: inout FlowTable) -> Slot {
    guard let slots = unsafe lastOfSlice else { return .none }
    let earliest = max(table[stayAt: head].deadline.slice, deadline.slice - Self.sliceCount + 1)
    var slice = deadline.slice
    while slice >= earliest {
      let last = unsafe slots[slice & Self.sliceMask]
      if last != .none { return last }
      slice -= 1
    }
    return .none
  }

  private mutating func insert(_ slot: Slot, due deadline: Instant, after previous: Slot, _ table: inout FlowTable) {
    let following = previous == .none ? head : table[stayAt: previous].following
    table.wait(slot, until: deadline, between: previous, and: following)
    if previous == .none { head = slot } else { table[stayAt: previous].following = slot }
    if following == .none { tail = slot } else { table[stayAt: following].previous = slot }
    count += 1
  }
}

extension Instant {
  /// Which eighth of a second, about: all slices together span a quarter of an hour, longer than any of these waits.
  fileprivate var slice: Int { Int(nanoseconds >> 27) }
}
