import Glibc
import Synchronization

/// Writes lines without ever waiting for who reads them: a stuck terminal or collector must not stall capture. A line that
/// finds no room is counted and dropped; once there is room again, a line says how many.
///
/// The descriptor stays as it is: O_NONBLOCK would hold for everybody who shares it, the shell of a terminal too. A pipe
/// that polls writable takes PIPE_BUF bytes at once; a socket is sent to with MSG_DONTWAIT.
package final class LineWriter: Sendable {
  private let descriptor: Int32
  private let isSocket: Bool
  private let lossNotice: @Sendable (Int) -> String
  private let state = Mutex(State())

  private struct State {
    /// The rest of a line that was written in part: it goes before any other.
    var rest: ArraySlice<UInt8> = []
    var dropped = 0
    /// Dropped since the last notice.
    var unreported = 0
  }

  package init(
    descriptor: Int32,
    lossNotice: @escaping @Sendable (Int) -> String = { "\($0) log lines were lost: nobody read them" }
  ) {
    var status = stat()
    self.descriptor = descriptor
    self.isSocket = unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    self.lossNotice = lossNotice
  }

  /// Lines that found no room, since start.
  package var dropped: Int { state.withLock { $0.dropped } }

  /// A line without its line break.
  package func write(_ line: String) {
    state.withLock { state in
      guard flush(&state), report(&state), begin(line, &state) else {
        state.dropped += 1
        state.unreported += 1
        return
      }
    }
  }

  /// Says how many lines were dropped, if any, before the next one.
  private func report(_ state: inout State) -> Bool {
    guard state.unreported > 0 else { return true }
    guard begin(lossNotice(state.unreported), &state) else { return false }
    state.unreported = 0
    return state.rest.isEmpty
  }

  /// Whether at least a part of the line is written; the rest of it then goes before any other.
  private func begin(_ line: String, _ state: inout State) -> Bool {
    state.rest = Array("\(line)\n".utf8)[...]
    let count = state.rest.count
    if flush(&state) || state.rest.count < count { return true }
    state.rest = []
    return false
  }

  /// Whether all that was left is written.
  private func flush(_ state: inout State) -> Bool {
    while !state.rest.isEmpty {
      let count = writeSome(state.rest.prefix(4096))
      guard count > 0 else { return false }
      state.rest = state.rest.dropFirst(count)
    }
    return true
  }

  private func writeSome(_ bytes: ArraySlice<UInt8>) -> Int {
    unsafe bytes.withUnsafeBytes { buffer in
      if isSocket {
        return unsafe send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
      }
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      // Anything beside POLLOUT is a reader that is gone: writing to it would raise SIGPIPE.
      guard unsafe poll(&request, 1, 0) == 1, request.revents == Int16(POLLOUT) else { return -1 }
      return unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
    }
  }
}
