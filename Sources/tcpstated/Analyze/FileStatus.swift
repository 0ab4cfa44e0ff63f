import Glibc

/// What a path leads to.
struct FileStatus {
  private let status: stat

  init?(_ path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    self.status = status
  }

  var isRegular: Bool { status.st_mode & S_IFMT == S_IFREG }
  var permissions: mode_t { status.st_mode & 0o7777 }

  func isSameFile(as other: FileStatus) -> Bool {
    isRegular && status.st_dev == other.status.st_dev && status.st_ino == other.status.st_ino
  }

  /// Without symbolic links.
  static func resolve(_ path: String) -> String? {
    guard let resolved = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }
}
