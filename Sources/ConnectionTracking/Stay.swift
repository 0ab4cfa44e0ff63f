internal import PacketDecoding

/// How long a connection has been here and may be, and its place among those that wait for the same.
///
/// Apart from the detail: of those before and behind it nothing else is needed, and so they are near.
struct Stay: Sendable, BitwiseCopyable {
  /// Time of the first packet.
  var start: Timestamp
  /// When the queue it stands in next has to look at it.
  var deadline = Instant(nanoseconds: .max)
  var previous = Slot.none
  var following = Slot.none

  @inline(__always)
  init(start: Timestamp) {
    self.start = start
  }

  /// That of a request, whose `start` is not written yet.
  @inline(__always)
  init(requestSerial: UInt64) {
    self.init(start: Timestamp(nanoseconds: Int64(truncatingIfNeeded: requestSerial)))
  }

  var requestSerial: UInt64 {
    @inline(__always) get { UInt64(truncatingIfNeeded: start.nanoseconds) }
    @inline(__always) set { start = Timestamp(nanoseconds: Int64(truncatingIfNeeded: newValue)) }
  }
}

extension FlowTable {
  /// Gives a connection its place in a queue.
  @inline(__always)
  func wait(_ slot: Slot, until deadline: Instant, between previous: Slot, and following: Slot) {
    let offset = place(of: slot)
    unsafe memory.stays.start[offset].deadline = deadline
    unsafe memory.stays.start[offset].previous = previous
    unsafe memory.stays.start[offset].following = following
  }

  /// That of the connection at `slot`, in place.
  subscript(stayAt slot: Slot) -> Stay {
    @inline(__always) unsafeAddress {
      let offset = place(of: slot)
      return unsafe UnsafePointer(memory.stays.start + offset)
    }
    @inline(__always) nonmutating unsafeMutableAddress {
      let offset = place(of: slot)
      return unsafe memory.stays.start + offset
    }
  }
}
