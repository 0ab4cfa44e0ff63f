internal import Dispatch
internal import Glibc

/// The capture file of an alert, for who may see packets.
enum AlertCapture {
  private static let queue = DispatchQueue(label: "alert-captures")
  /// More is none that was written for an alert.
  private static let sizeLimit = 1 << 30

  /// Nil for what is not there any more.
  static func read(_ path: String) async -> [UInt8]? {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: contents(path)) }
    }
  }

  private static func contents(_ path: String) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      (1...sizeLimit).contains(status.st_size)
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
      }
      guard count > 0 else { return nil }
      done += count
    }
    return bytes
  }
}
