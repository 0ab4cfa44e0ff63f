internal import Dispatch
internal import Glibc
internal import Logging

/// Where capture files of alerts are kept: few, and the oldest go first. Written on a thread of its own.
final class CaptureDirectory: Sendable {
  let path: String
  private let count: Int
  private let size: Int
  private let logger: Logger
  private let queue = DispatchQueue(label: "captures")

  private static let ending = ".pcapng"

  /// - Parameters:
  ///   - count: files that are kept at most, `size` their octets together.
  init(path: String, count: Int, size: Int, logger: Logger) {
    self.path = path
    self.count = count
    self.size = size
    self.logger = logger
    queue.async { self.removeUnfinished() }
  }

  /// What a run left that was killed while it wrote.
  private func removeUnfinished() {
    for file in (try? list(Self.ending + WholeFile.unfinished)) ?? [] { unsafe unlink("\(path)/\(file.name)") }
  }

  /// Writes a file that is there whole or not at all, for the owner alone.
  ///
  /// - Parameter then: is called with its path once it is there.
  func write(_ bytes: [UInt8], name: String, then: @escaping @Sendable (String) -> Void) {
    queue.async { [self] in
      let file = "\(path)/\(name)\(Self.ending)"
      do {
        try makeDirectory()
        try makeRoom(for: bytes.count)
        try WholeFile.write(bytes, to: file)
        then(file)
      } catch {
        logger.error("cannot write \(file): \(error)")
      }
    }
  }

  /// Waits until everything is written.
  func finish() { queue.sync {} }

  private func makeDirectory() throws(FileFailure) {
    guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FileFailure() }
  }

  /// Removes the oldest files until one more is within the limits.
  private func makeRoom(for wanted: Int) throws(FileFailure) {
    guard wanted <= size else { throw FileFailure("it is larger than all files may be together (recorder.files_size)") }
    var files = try list(Self.ending)
    var sum = files.reduce(0) { $0 + $1.size }
    while let oldest = files.first, files.count >= count || sum + wanted > size {
      guard unsafe unlink("\(path)/\(oldest.name)") == 0 || errno == ENOENT else { throw FileFailure() }
      sum -= oldest.size
      files.removeFirst()
    }
  }

  /// Oldest first: their names begin with the time.
  private func list(_ ending: String) throws(FileFailure) -> [(name: String, size: Int)] {
    guard let directory = unsafe opendir(path) else { throw FileFailure() }
    defer { unsafe closedir(directory) }
    var files: [(name: String, size: Int)] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { unsafe String(cString: $0) }
      }
      var status = stat()
      guard name.hasSuffix(ending), unsafe lstat("\(path)/\(name)", &status) == 0,
        status.st_mode & S_IFMT == S_IFREG
      else { continue }
      files.append((name, Int(status.st_size)))
    }
    return files.sorted { $0.name < $1.name }
  }
}
