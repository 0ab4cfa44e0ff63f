internal import PacketDecoding

/// A connection in place, as a segment sees it that does no more than go on: in order, with a window, and acknowledging
/// nothing unseen.
///
/// The marks say that its sender and kind may. What is asked here is what depends on its numbers; of the detail only
/// timestamps are looked at, where there are some.
///
/// The pointers are private, it does not outlive the call that lends it, and of two ends the second stands a stride
/// behind the first: that is what makes it safe.
@safe
struct QuietCourse: ~Copyable {
  private let flowPlace: UnsafeMutablePointer<Flow>
  private let detailPlace: UnsafeMutablePointer<FlowDetail>
  /// How far the sender's end stands behind the first.
  private let offset: Int

  /// Lends a connection to `body`.
  @inline(__always)
  static func lend<Result>(
    _ flow: inout Flow,
    _ detail: inout FlowDetail,
    from sender: End,
    _ body: (borrowing QuietCourse) -> Result
  ) -> Result {
    unsafe withUnsafeMutablePointer(to: &flow) { flow in
      unsafe withUnsafeMutablePointer(to: &detail) { detail in
        body(unsafe QuietCourse(flowPlace: flow, detailPlace: detail, offset: sender.index &* Self.stride))
      }
    }
  }

  var flow: Flow {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(flowPlace) }
    @inline(__always) nonmutating unsafeMutableAddress { unsafe flowPlace }
  }

  /// Of an end, and of an end's detail: for both to stand equally far.
  private static var stride: Int {
    @inline(__always) get {
      assert(MemoryLayout<FlowEnd>.stride == 16 && MemoryLayout<FlowEndDetail>.stride == 16)
      return 16
    }
  }

  @unsafe
  @inline(__always)
  private func end(at offset: Int) -> UnsafeMutablePointer<FlowEnd> {
    let first = unsafe UnsafeMutableRawPointer(Flow.place(of: .first, in: flowPlace))
    return unsafe (first + offset).assumingMemoryBound(to: FlowEnd.self)
  }

  @unsafe
  @inline(__always)
  private func detail(at offset: Int) -> UnsafeMutablePointer<FlowEndDetail> {
    let first = unsafe UnsafeMutableRawPointer(FlowDetail.place(of: .first, in: detailPlace))
    return unsafe (first + offset).assumingMemoryBound(to: FlowEndDetail.self)
  }

  private var own: FlowEnd {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(end(at: offset)) }
    @inline(__always) nonmutating unsafeMutableAddress { unsafe end(at: offset) }
  }

  private var peer: FlowEnd {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(end(at: offset ^ Self.stride)) }
  }

  private var ownDetail: FlowEndDetail {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(detail(at: offset)) }
    @inline(__always) nonmutating unsafeMutableAddress { unsafe detail(at: offset) }
  }

  private var sender: End {
    @inline(__always) get { offset == 0 ? .first : .second }
  }

  /// Takes one that is not the first of its kind; false, and nothing is changed, where there is more to it.
  @inline(__always)
  func goOn(_ arrival: inout Arrival) -> Bool {
    guard let count = count(after: &arrival) else { return false }
    if arrival.segment.options.present.timestamps {
      guard ownDetail.sentTimestamps, takeTimestamp(&arrival) else { return false }
    }
    take(count, &arrival)
    return true
  }

  /// How many its sender has sent with a segment that is the next; nil where something about its numbers is news of
  /// another kind.
  @inline(__always)
  func count(after arrival: inout Arrival) -> FlowEnd.Count? {
    assert(own.phase == .established && peer.phase == .established)
    let (start, length) = (arrival.segment.sequence, arrival.segment.payloadLength)
    guard start == own.next, length <= Self.longest else { return nil }
    guard !start.rawValue.addingReportingOverflow(length).overflow,
      flow[interfaceOf: sender] == arrival.interface
    else { return nil }
    let acknowledgment = arrival.segment.acknowledgment
    guard !peer.next.precedes(acknowledgment) else { return nil }
    let newlyAcknowledged = acknowledgment.distance(from: own.acknowledged)
    guard newlyAcknowledged >= 0, newlyAcknowledged != 1 else { return nil }
    return own.nextCount
  }

  /// Notes all that such a segment changes.
  ///
  /// Of its numbers nothing is kept from when they were looked at: there are too few registers.
  @inline(__always)
  func take(_ count: FlowEnd.Count, _ arrival: inout Arrival) {
    own.take(count, arrival.segment.flags)
    own.next = arrival.segment.sequence &+ arrival.segment.payloadLength
    own.acknowledged = arrival.segment.acknowledgment
    own.window = arrival.segment.window
    flow.lastPacket = arrival.captured
    flow.lastSeen = arrival.now.milliseconds
  }

  /// What `Flow.noteTimestamp` does, where there was one before; false, and nothing is changed, when PAWS would reject
  /// the segment.
  ///
  /// No branch depends on whether the peer has acknowledged all before: that is different from one segment to the next.
  @inline(__always)
  private func takeTimestamp(_ arrival: inout Arrival) -> Bool {
    let (value, recent) = (arrival.segment.options.timestampValue, ownDetail.recentTimestamp)
    guard Int32(bitPattern: value &- recent) >= 0 else { return false }
    ownDetail.recentTimestamp = peer.acknowledged.precedes(arrival.segment.sequence) ? recent : value
    return true
  }

  /// Far from half the sequence space, where order turns.
  private static var longest: UInt32 { 1 << 24 }
}
