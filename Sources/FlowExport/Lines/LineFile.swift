internal import Glibc
internal import Monitoring

/// Lines in a file. It goes on in a new one when it is full, and when somebody moved it away (logrotate).
final class LineFile: FlowSink {
  private let path: String
  private let maximumSize: Int
  private let kept: Int
  private var descriptor: Int32 = -1
  private var rest = LineRest()

  private static let mode: mode_t = 0o640

  init(path: String, maximumSize: Int, kept: Int) {
    self.path = path
    self.maximumSize = maximumSize
    self.kept = kept
  }

  deinit { close() }

  func send(_ records: [ConnectionRecord], _ patience: Patience) -> Sent {
    let lines = JSONLines(records)
    if hasMoved { close() }
    if maximumSize > 0, let size, size > 0, size + lines.bytes.count > maximumSize { rotate() }
    guard descriptor >= 0 || open() else { return Sent(0, failure: "cannot open it: \(SystemWords.last)") }
    return rest.send(lines) { bytes in
      let count = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
      return count > 0 ? .success(count) : .failure(.system)
    }
  }

  /// A line that was cut stays cut in the old file; the rest of it would be none in the new one.
  func reopen() { close() }

  func close() {
    guard descriptor >= 0 else { return }
    _ = Glibc.close(descriptor)
    descriptor = -1
    rest = LineRest()
  }

  private func open() -> Bool {
    descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, Self.mode)
    return descriptor >= 0
  }

  private var size: Int? {
    var status = stat()
    guard descriptor >= 0, unsafe fstat(descriptor, &status) == 0 else {
      return unsafe stat(path, &status) == 0 ? Int(status.st_size) : nil
    }
    return Int(status.st_size)
  }

  /// Whether the path leads elsewhere by now.
  private var hasMoved: Bool {
    guard descriptor >= 0 else { return false }
    var (own, named) = (stat(), stat())
    guard unsafe fstat(descriptor, &own) == 0, unsafe stat(path, &named) == 0 else { return true }
    return own.st_ino != named.st_ino || own.st_dev != named.st_dev
  }

  /// The oldest goes: `path.1` is the newest of those that are kept.
  private func rotate() {
    close()
    guard kept > 0 else {
      _ = unsafe unlink(path)
      return
    }
    for number in stride(from: kept - 1, to: 0, by: -1) {
      _ = unsafe rename("\(path).\(number)", "\(path).\(number + 1)")
    }
    _ = unsafe rename(path, "\(path).1")
  }
}
