internal import Glibc

/// Owns an open file and closes it.
struct FileDescriptor: ~Copyable {
  let rawValue: Int32

  init(_ rawValue: Int32) {
    self.rawValue = rawValue
  }

  deinit {
    close(rawValue)
  }
}
