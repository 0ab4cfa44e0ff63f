internal import PacketDecoding

/// Where a run of segments that only go on finds its connections: read once for all of them.
///
/// The pointers are private, it does not outlive the call that reads them, and each place is below the number of slots
/// that were handed out: that is what makes it safe.
@safe
struct QuietPlaces {
  private let flows: UnsafeMutablePointer<Flow>
  private let details: UnsafeMutablePointer<FlowDetail>
  private let turns: UnsafeMutablePointer<Conversation.Turns>
  private let wideKeys: UnsafeMutablePointer<FlowKey>
  private let count: UInt32

  @inline(__always)
  init(_ memory: borrowing FlowMemory, count: UInt32) {
    unsafe flows = memory.flows.start
    unsafe details = memory.details.start
    unsafe turns = memory.turns.start
    unsafe wideKeys = memory.wideKeys.start
    self.count = count
  }

  /// That of a candidate which is lent.
  struct Place {
    fileprivate let number: Int
  }

  /// Lends the candidate to `body`; false when it is not the connection of the segment.
  ///
  /// Its marks say what it may do, which is the same as when it was looked at: those of a free one allow nothing, so that
  /// it is not looked for.
  @inline(__always)
  func lend(_ arrival: inout Arrival, _ body: (inout Arrival, borrowing QuietCourse, Place) -> Bool) -> Bool {
    guard arrival.candidate.rawValue < count else { return false }
    let place = Place(number: Int(arrival.candidate.rawValue))
    let flow = unsafe flows + place.number
    guard unsafe flow.pointee.words == arrival.words && flow.pointee.ports == arrival.ports,
      unsafe flow.pointee.quiet == arrival.marks
    else { return false }
    if unsafe arrival.isWide || flow.pointee.traits.isWide {
      guard unsafe Self.isWide(&flow.pointee, with: wideKeys + place.number, &arrival) else { return false }
    }
    return unsafe QuietCourse.lend(&flow.pointee, &details[place.number], from: arrival.sender) { course in
      body(&arrival, course, place)
    }
  }

  /// Changes the turns of a candidate that was lent before.
  @inline(__always)
  func updateTurns<Result>(at place: Place, _ body: (inout Conversation.Turns) -> Result) -> Result {
    unsafe body(&turns[place.number])
  }

  @inline(never)
  private static func isWide(
    _ flow: inout Flow,
    with key: UnsafeMutablePointer<FlowKey>,
    _ arrival: inout Arrival
  ) -> Bool {
    guard arrival.isWide, flow.traits.isWide else { return false }
    return unsafe key.pointee == arrival.key
  }
}

extension FlowTable {
  // Mutating: what is only read is copied, all of it.
  var quietPlaces: QuietPlaces {
    @inline(__always) mutating get { QuietPlaces(memory, count: handedOut) }
  }
}
