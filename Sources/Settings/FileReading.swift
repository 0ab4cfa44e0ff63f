import Glibc

/// Reads what a configuration is made of.
enum FileReading {
  /// A configuration larger than this is something else by mistake.
  static let sizeLimit = 1 << 20

  struct Failure: Error {
    var message: String
  }

  static func bytes(of path: String) throws(Failure) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Failure(message: "cannot be opened: \(reason(errno))") }
    defer { close(descriptor) }
    // It could be read once, and a reload would wait for whoever writes.
    guard !isPipe(descriptor) else { throw Failure(message: "is a pipe: the configuration must be a file") }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = unsafe read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure(message: "cannot be read: \(reason(errno))") }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= sizeLimit else { throw Failure(message: "is larger than 1 MiB") }
    }
  }

  private static func isPipe(_ descriptor: Int32) -> Bool {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
  }

  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Of the name itself, wherever a link leads. What cannot be looked at may be free.
  static func isSocketOrFree(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFSOCK
  }

  /// What a pattern matches, sorted. A path without wildcards that does not exist matches nothing.
  static func paths(matching pattern: String) -> [String] {
    var matches = unsafe glob_t()
    defer { unsafe globfree(&matches) }
    guard unsafe glob(pattern, 0, nil, &matches) == 0, let paths = unsafe matches.gl_pathv else { return [] }
    return (0..<Int(unsafe matches.gl_pathc)).compactMap { index in
      unsafe paths[index].map { unsafe String(cString: $0) }
    }
  }

  static func reason(_ code: Int32) -> String {
    unsafe String(cString: strerror(code))
  }
}
