internal import Glibc
package import PacketDecoding

/// When the kernel's timer wheel turns. Its long timers fire on a grid that no file shows to everybody; a receive that
/// times out is such a timer (schedule_timeout), so its end is on the grid.
package enum KernelTimer {
  /// Jiffies a second; nil when the coarse clock does not tell.
  package static var hertz: Int64? {
    var resolution = timespec()
    guard unsafe clock_getres(CLOCK_MONOTONIC_COARSE, &resolution) == 0, resolution.tv_sec == 0,
      resolution.tv_nsec >= 100_000
    else { return nil }
    return (1_000_000_000 + Int64(resolution.tv_nsec) / 2) / Int64(resolution.tv_nsec)
  }

  /// Blocks the calling thread for `span` and to the tick after it.
  package static func waitForTick(after span: Seconds) throws(SystemError) -> Instant {
    let result = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard result >= 0 else { throw SystemError("make a socket", code: errno) }
    let descriptor = FileDescriptor(result)
    let (seconds, rest) = span.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    var timeout = timeval(tv_sec: Int(seconds), tv_usec: Int(rest / 1000))
    let size = socklen_t(MemoryLayout<timeval>.size)
    guard unsafe setsockopt(descriptor.rawValue, SOL_SOCKET, SO_RCVTIMEO, &timeout, size) == 0 else {
      throw SystemError("set the time-out of a socket", code: errno)
    }
    var octet: UInt8 = 0
    let count = unsafe recv(descriptor.rawValue, &octet, 1, 0)
    let now = MonotonicClock.now()
    guard count < 0, errno == EAGAIN else { throw SystemError("wait for a timer", code: count < 0 ? errno : EIO) }
    return now
  }
}
