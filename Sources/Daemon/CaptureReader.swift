internal import Dispatch
internal import Foundation
internal import KernelSockets
internal import PacketCapture
internal import ThreadNames

/// A thread that does nothing but take frames out of the kernel's rings, for a worker that has its hands full with looking
/// at them.
struct CaptureReader {
  let lane: FrameLane
  private let ended = DispatchSemaphore(value: 0)

  init(_ lane: FrameLane, number: Int) {
    self.lane = lane
    let ended = ended
    Thread {
      ThreadName.set("reader-\(number)")
      Self.run(lane)
      ended.signal()
    }.start()
  }

  /// Waits for its end, which must have been asked for; false when it does not come.
  func join(seconds: Double) -> Bool { ended.wait(timeout: .now() + seconds) == .success }

  private static func run(_ lane: FrameLane) {
    var poller = Poller()
    while let feeds = lane.feeds() {
      poller.removeAll()
      let wakeup = poller.add(lane.wakeup.fileDescriptor)
      for feed in feeds { _ = poller.add(feed.capture.fileDescriptor) }
      guard poller.wait(timeout: nil) > 0 else { continue }
      if poller.isReady(wakeup) { lane.wakeup.drain() }
      lane.beginReading()
      for (number, feed) in feeds.enumerated() where poller.isReady(wakeup + 1 + number) { read(feed, lane) }
      lane.endReading()
    }
  }

  private static func read(_ feed: FrameLane.Feed, _ lane: FrameLane) {
    let parcel = lane.emptyParcel()
    parcel.address(interface: feed.number, decoder: feed.decoder)
    do throws(CaptureError) {
      // Put while the capture is held: who changes its filter finds all that passed the old one in the lane.
      _ = try feed.capture.dispatch(limit: feed.limit) { octets, frames in
        parcel.add(octets, frames)
      } then: {
        if !parcel.isEmpty { lane.put(parcel) }
      }
    } catch {
      lane.fail(feed, error)
    }
  }
}
