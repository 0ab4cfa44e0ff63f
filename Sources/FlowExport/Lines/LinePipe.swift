internal import Glibc
internal import Monitoring

/// Lines on a descriptor that was there before: standard output. It is never closed, nor made non-blocking, which would
/// hold for everybody who shares it.
final class LinePipe: FlowSink {
  private let descriptor: Int32
  private var rest = LineRest()

  /// What a pipe that polls writable takes at once (pipe(7), PIPE_BUF).
  private static let portion = 4096

  init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  func send(_ records: [ConnectionRecord], _ patience: Patience) -> Sent {
    rest.send(JSONLines(records)) { bytes in
      guard patience.wait(for: descriptor, POLLOUT) else { return .failure(WriteFailure("nobody reads it")) }
      let part = bytes.prefix(Self.portion)
      let count = unsafe part.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
      return count > 0 ? .success(count) : .failure(.system)
    }
  }

  func close() {}
}
