import Glibc

/// Where results go: standard output, or a file that is there complete or not at all.
///
/// A file has no name until it is complete (O_TMPFILE, open(2)): whatever ends the program, nothing is left. It takes the
/// place, and the mode, of what was there, behind a symbolic link too. What is not a regular file (a pipe, /dev/null) is
/// written to directly.
struct ResultFile: ~Copyable {
  private let path: String?
  /// Where it comes to be at the end; nil when that is where it is written.
  private var target: String?
  /// Where it is written, on file systems without files that have no name.
  private var temporary: String?
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  private static let bufferSize = 64 << 10
  /// O_TMPFILE, which the importer cannot read (asm-generic/fcntl.h).
  private static let unnamedFile = 0o20000000 | O_DIRECTORY

  /// - Parameters:
  ///   - path: nil or `-` is standard output.
  ///   - inputs: files that are read, and must not be replaced.
  init(path: String?, inputs: [String] = []) throws {
    guard let path, path != "-" else {
      self.path = nil
      descriptor = Console.output
      return
    }
    self.path = path
    let place = try Self.open(path, inputs)
    descriptor = place.descriptor
    target = place.target
    temporary = place.temporary
  }

  private typealias Place = (descriptor: Int32, target: String?, temporary: String?)

  private static func open(_ path: String, _ inputs: [String]) throws -> Place {
    guard let old = FileStatus(path) else { return try create(path, mode: nil, for: path) }
    guard !inputs.contains(where: { FileStatus($0)?.isSameFile(as: old) == true }) else {
      throw Failure("cannot write \(path): it is the capture that is read; choose another name")
    }
    guard old.isRegular else {
      let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw failure(path, errno) }
      return (descriptor, nil, nil)
    }
    return try create(FileStatus.resolve(path) ?? path, mode: old.permissions, for: path)
  }

  private static func create(_ target: String, mode: mode_t?, for path: String) throws -> Place {
    let folder = target.lastIndex(of: "/").map { String(target[...$0]) } ?? "."
    var temporary: String?
    var descriptor = unsafe Glibc.open(folder, unnamedFile | O_WRONLY | O_CLOEXEC, 0o666)
    if descriptor < 0, errno == EOPNOTSUPP || errno == EISDIR {
      temporary = name(beside: target)
      descriptor = unsafe Glibc.open(name(beside: target), O_WRONLY | O_CLOEXEC | O_CREAT | O_EXCL, 0o666)
    }
    guard descriptor >= 0 else { throw failure(path, errno) }
    if let mode { fchmod(descriptor, mode) }
    return (descriptor, target, temporary)
  }

  private static func name(beside target: String) -> String { "\(target).\(getpid()).tmp" }

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
    guard let path, let target else { return }
    guard fsync(descriptor) == 0 else { throw Self.failure(path, errno) }
    if temporary == nil { temporary = try Self.link(descriptor, beside: target, for: path) }
    guard let written = temporary, unsafe rename(written, target) == 0 else { throw Self.failure(path, errno) }
    temporary = nil
  }

  /// Gives a file without a name one. (link(2) replaces nothing, rename(2) needs a name.)
  private static func link(_ descriptor: Int32, beside target: String, for path: String) throws -> String {
    let name = name(beside: target)
    guard unsafe linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0 else {
      throw failure(path, errno)
    }
    return name
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
