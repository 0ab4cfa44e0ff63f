internal import CLibpcap
internal import Glibc
package import PacketDecoding

/// What receives frames that were captured: it may look at them during the call and keeps none of the octets.
package typealias FramesHandler = (_ octets: RawSpan, _ frames: Span<FrameRecord>) -> Void

extension LiveCapture {
  /// Hands over frames that are ready, at most about `limit`, many at once and without waiting for more.
  ///
  /// After an error the capture may be dead: close it, and open another when the interface is back.
  /// - Returns: how many frames were read, those that a filter passed over here included; 0 when none is ready.
  package mutating func dispatch(limit: Int, _ body: FramesHandler) throws(CaptureError) -> Int {
    let count = withoutActuallyEscaping(body) { body in
      unsafe withUnsafeMutablePointer(to: &batch) { batch -> Int32 in
        var delivery = unsafe Delivery(
          batch: batch,
          body: body,
          filter: userFilter,
          beginning: beginning.nanoseconds,
          backlogFilter: backlog?.filter,
          backlogEnd: backlog?.until.nanoseconds ?? .min,
          nanosecondsPerTick: handle.hasNanoseconds ? 1 : 1000,
          interface: options.number
        )
        let count = unsafe withUnsafeMutablePointer(to: &delivery) { pointer -> Int32 in
          let user = unsafe UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: UInt8.self)
          return unsafe handle.dispatch(limit: Int32(clamping: max(limit, 1)), deliver, user)
        }
        unsafe batch.pointee.handOver(to: body)
        return count
      }
    }
    guard count >= 0 else { throw failure() }
    return Int(count)
  }

  /// libpcap says only that reading failed; the interface's state tells why.
  private func failure() -> CaptureError {
    guard let state = InterfaceState(of: interface), state.index == interfaceIndex else {
      return .interfaceGone(interface)
    }
    return state.isUp ? .interfaceFailed(interface, reason: handle.message) : .interfaceDown(interface)
  }
}

/// What the callback finds behind its pointer.
@unsafe private struct Delivery {
  let batch: UnsafeMutablePointer<FrameBatch>
  let body: FramesHandler
  let filter: FilterProgram?
  let beginning: Int64
  let backlogFilter: FilterProgram?
  let backlogEnd: Int64
  let nanosecondsPerTick: Int64
  let interface: UInt16
}

/// What libpcap calls for each frame. A function of its own: a closure would inherit the isolation of where it is
/// written, and check it here.
private func deliver(
  _ user: UnsafeMutablePointer<UInt8>?,
  _ header: UnsafePointer<pcap_pkthdr>?,
  _ start: UnsafePointer<UInt8>?
) {
  guard let user = unsafe user, let header = unsafe header?.pointee, let start = unsafe start else { return }
  // The ring turns seldom: without this it would hold the heads of messages, passwords in them, long after they passed,
  // for every core dump. It is this socket's own, and libpcap maps it for writing.
  defer { unsafe memset(UnsafeMutableRawPointer(mutating: start), 0, Int(header.caplen)) }
  let delivery = unsafe UnsafeRawPointer(user).assumingMemoryBound(to: Delivery.self)
  let bytes = unsafe UnsafeRawBufferPointer(start: start, count: Int(header.caplen))
  let wireLength = max(header.len, header.caplen)
  if let filter = unsafe delivery.pointee.filter, unsafe !filter.matches(bytes.bytes, wireLength: wireLength) { return }
  // The field is named for microseconds and holds what the precision says.
  let fraction = unsafe Int64(header.ts.tv_usec) &* delivery.pointee.nanosecondsPerTick
  let nanoseconds = Int64(header.ts.tv_sec) &* 1_000_000_000 &+ fraction
  if unsafe nanoseconds < delivery.pointee.beginning { return }
  if unsafe nanoseconds < delivery.pointee.backlogEnd,
    let filter = unsafe delivery.pointee.backlogFilter, unsafe !filter.matches(bytes.bytes, wireLength: wireLength)
  {
    return
  }
  let batch = unsafe delivery.pointee.batch
  if unsafe !batch.pointee.hasRoom(for: bytes.count) { unsafe batch.pointee.handOver(to: delivery.pointee.body) }
  unsafe batch.pointee.add(
    bytes,
    nanoseconds: nanoseconds,
    wireLength: wireLength,
    interface: delivery.pointee.interface
  )
}
