internal import CLibpcap

/// What a capture saw and missed since it was opened.
package struct CaptureStatistics: Hashable, Sendable {
  /// Frames that passed the kernel's filter, dropped ones included.
  package var received: UInt64 = 0
  /// Frames for which the ring had no room: the reader was too slow.
  package var dropped: UInt64 = 0
  /// Frames that the interface or its driver lost.
  package var interfaceDropped: UInt64 = 0
}

extension LiveCapture {
  /// Read it at least every few minutes: libpcap counts in 32 bits, which wrap.
  package mutating func statistics() -> CaptureStatistics {
    if let counts = handle.statistics() {
      counters.extend(received: counts.ps_recv, dropped: counts.ps_drop, interfaceDropped: counts.ps_ifdrop)
    }
    return counters.statistics
  }
}

/// Makes 64-bit counters out of libpcap's, by adding up the differences.
struct ExtendedCounters {
  private(set) var totals = CaptureStatistics()
  private let countsTwice: Bool
  private var last: (received: UInt32, dropped: UInt32, interfaceDropped: UInt32) = (0, 0, 0)

  /// - Parameter countsTwice: the kernel shows each packet of the loopback as it leaves and as it arrives.
  init(countsTwice: Bool) {
    self.countsTwice = countsTwice
  }

  var statistics: CaptureStatistics {
    guard countsTwice else { return totals }
    return CaptureStatistics(
      received: totals.received / 2,
      dropped: totals.dropped / 2,
      interfaceDropped: totals.interfaceDropped
    )
  }

  mutating func extend(received: UInt32, dropped: UInt32, interfaceDropped: UInt32) {
    totals.received += UInt64(received &- last.received)
    totals.dropped += UInt64(dropped &- last.dropped)
    totals.interfaceDropped += UInt64(interfaceDropped &- last.interfaceDropped)
    last = (received, dropped, interfaceDropped)
  }
}
