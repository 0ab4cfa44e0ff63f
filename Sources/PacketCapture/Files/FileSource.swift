internal import Glibc

/// A file, or standard input, read front to back.
struct FileSource: ~Copyable {
  private let descriptor: Int32
  private let closes: Bool
  /// Octets read so far, and what the file holds if it is a regular one.
  private(set) var bytesRead: UInt64 = 0
  let byteCount: UInt64?

  init(path: String) throws(CaptureError) {
    let isStandardInput = path == "-"
    let descriptor = isStandardInput ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .fileUnreadable(path: path, reason: systemMessage(errno)) }
    var status = stat()
    let kind = unsafe fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : 0
    if kind == S_IFDIR {
      if !isStandardInput { close(descriptor) }
      throw .notACapture(path: path, reason: "it is a directory; name the files in it")
    }
    self.descriptor = descriptor
    closes = !isStandardInput
    byteCount = kind == S_IFREG ? UInt64(clamping: status.st_size) : nil
    // Only advice: the kernel reads further ahead.
    if kind == S_IFREG { _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }
  }

  deinit {
    if closes { close(descriptor) }
  }

  enum Outcome {
    case bytes(Int)
    case end
    case failed(Int32)
  }

  /// Blocks until there is something to read.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
    while true {
      let count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count > 0 {
        bytesRead += UInt64(count)
        return .bytes(count)
      }
      if count == 0 { return .end }
      switch errno {
      case EINTR: continue
      case EAGAIN: waitUntilReadable()
      default: return .failed(errno)
      }
    }
  }

  /// Standard input may have been made non-blocking by whoever shares it.
  private func waitUntilReadable() {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&request, 1, -1)
  }
}

/// What strerror says, without its static buffer.
func systemMessage(_ code: Int32) -> String {
  unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
    guard let start = buffer.baseAddress, unsafe strerror_r(code, start, buffer.count) == 0 else {
      return "error \(code)"
    }
    return unsafe String(cString: start)
  }
}
