import Glibc

/// Where results go: standard output, or a file that is there complete or not at all.
///
/// A file is written beside its place and moved there at the end. What is not a regular file (a pipe, /dev/null) is
/// written to directly.
struct ResultFile: ~Copyable {
  private let path: String?
  /// Where it is written until it is complete; nil when that is its place.
  private var temporary: String?
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  private static let bufferSize = 64 << 10

  /// - Parameter path: nil or `-` is standard output.
  init(path: String?) throws {
    guard let path, path != "-" else {
      self.path = nil
      descriptor = Console.output
      return
    }
    self.path = path
    let place = try Self.open(path)
    descriptor = place.descriptor
    temporary = place.temporary
  }

  private static func open(_ path: String) throws -> (descriptor: Int32, temporary: String?) {
    var status = stat()
    let isSpecial = unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    let temporary = isSpecial ? nil : "\(path).\(getpid()).tmp"
    let flags = O_WRONLY | O_CLOEXEC | (isSpecial ? 0 : O_CREAT | O_EXCL)
    let descriptor = unsafe Glibc.open(temporary ?? path, flags, 0o666)
    guard descriptor >= 0 else { throw failure(path, errno) }
    return (descriptor, temporary)
  }

  deinit {
    if path != nil { close(descriptor) }
    if let temporary { unsafe unlink(temporary) }
  }

  mutating func write(_ bytes: some Sequence<UInt8>) throws {
    buffer += bytes
    if buffer.count >= Self.bufferSize { try flush() }
  }

  mutating func write(_ text: String) throws { try write(text.utf8) }

  /// Everything is written: puts a file in its place.
  mutating func finish() throws {
    try flush()
    guard let path, let written = temporary else { return }
    guard fsync(descriptor) == 0, unsafe rename(written, path) == 0 else { throw Self.failure(path, errno) }
    temporary = nil
  }

  /// What was written so far can be read by others, if it is no file that is to be complete.
  mutating func flush() throws {
    guard !buffer.isEmpty else { return }
    defer { buffer.removeAll(keepingCapacity: true) }
    guard let path else { return try Console.write(buffer) }
    do {
      try Descriptor.write(buffer, to: descriptor)
    } catch {
      throw Self.failure(path, error.code)
    }
  }

  private static func failure(_ path: String, _ code: Int32) -> Failure {
    Failure("cannot write \(path): \(systemMessage(code))")
  }
}
