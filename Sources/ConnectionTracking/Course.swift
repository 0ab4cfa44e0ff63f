internal import PacketDecoding

/// A connection in place, as a segment sees it: its sender's end, and the peer's.
///
/// Where an end stands is worked out once: for each thing that is asked of one that is not known before, both would be
/// read.
///
/// The pointers are private, and it does not outlive the call that lends it: that is what makes it safe.
@safe
struct Course: ~Copyable {
  let sender: End
  private let flowPlace: UnsafeMutablePointer<Flow>
  private let detailPlace: UnsafeMutablePointer<FlowDetail>

  /// Lends the two ends of a connection to `body`.
  @inline(__always)
  static func lend<Result>(
    _ flow: inout Flow,
    _ detail: inout FlowDetail,
    from sender: End,
    _ body: (borrowing Course) -> Result
  ) -> Result {
    unsafe withUnsafeMutablePointer(to: &flow) { flow in
      unsafe withUnsafeMutablePointer(to: &detail) { detail in
        body(unsafe Course(sender: sender, flowPlace: flow, detailPlace: detail))
      }
    }
  }

  /// Moves both ends by an event that the sender caused.
  @inline(__always)
  func move(_ event: Event) {
    own.take(event, .sent)
    peer.take(event, .received)
  }

  /// The same with the ends the other way round.
  var seenByPeer: Course {
    @inline(__always) get {
      unsafe Course(sender: sender.other, flowPlace: flowPlace, detailPlace: detailPlace)
    }
  }

  var flow: Flow {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(flowPlace) }
    @inline(__always) nonmutating unsafeMutableAddress { unsafe flowPlace }
  }

  var detail: FlowDetail {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(detailPlace) }
    @inline(__always) nonmutating unsafeMutableAddress { unsafe detailPlace }
  }

  var own: FlowEnd {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(Flow.place(of: sender, in: flowPlace)) }
    @inline(__always) nonmutating unsafeMutableAddress { unsafe Flow.place(of: sender, in: flowPlace) }
  }

  var peer: FlowEnd {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(Flow.place(of: sender.other, in: flowPlace)) }
    @inline(__always) nonmutating unsafeMutableAddress { unsafe Flow.place(of: sender.other, in: flowPlace) }
  }

  var ownDetail: FlowEndDetail {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(FlowDetail.place(of: sender, in: detailPlace)) }
    @inline(__always) nonmutating unsafeMutableAddress { unsafe FlowDetail.place(of: sender, in: detailPlace) }
  }

  var peerDetail: FlowEndDetail {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(FlowDetail.place(of: sender.other, in: detailPlace)) }
    @inline(__always) nonmutating unsafeMutableAddress { unsafe FlowDetail.place(of: sender.other, in: detailPlace) }
  }
}
