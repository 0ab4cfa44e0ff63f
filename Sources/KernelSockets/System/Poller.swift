internal import Glibc
package import PacketDecoding

/// Waits for several descriptors at once. A handful of them: poll(2) is as good as epoll and has nothing to clean up.
package struct Poller: ~Copyable {
  private var requests: [pollfd] = []

  package init() {}

  /// - Returns: the position to ask `isReady` about.
  package mutating func add(_ fileDescriptor: Int32) -> Int {
    requests.append(pollfd(fd: fileDescriptor, events: Int16(POLLIN), revents: 0))
    return requests.count - 1
  }

  package mutating func removeAll() {
    requests.removeAll(keepingCapacity: true)
  }

  /// Waits until one is readable or failed, but no longer than `timeout`; zero only looks, nil waits on.
  /// - Returns: how many are ready; 0 too when a signal came.
  @discardableResult
  package mutating func wait(timeout: Seconds?) -> Int {
    let milliseconds = timeout.map(Self.milliseconds) ?? -1
    let count = unsafe requests.withUnsafeMutableBufferPointer { buffer in
      unsafe poll(buffer.baseAddress, nfds_t(buffer.count), milliseconds)
    }
    if count <= 0 {
      for index in requests.indices { requests[index].revents = 0 }
    }
    return max(0, Int(count))
  }

  /// Whether there is something to read, or an error or end to learn of by reading.
  package func isReady(_ position: Int) -> Bool {
    requests.indices.contains(position) && requests[position].revents != 0
  }

  /// Rounded up: waking early would only mean to wait again.
  private static func milliseconds(_ timeout: Seconds) -> Int32 {
    let (whole, rest) = max(timeout.nanoseconds, 0).quotientAndRemainder(dividingBy: 1_000_000)
    return Int32(clamping: whole + (rest > 0 ? 1 : 0))
  }
}
