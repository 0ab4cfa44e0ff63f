internal import Glibc

/// Files that are there whole or not at all, for the owner alone.
enum WholeFile {
  static func write(_ bytes: [UInt8], to path: String) throws(FileFailure) {
    let temporary = path + ".new"
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
    let descriptor = unsafe open(temporary, flags, 0o600)
    guard descriptor >= 0 else { throw FileFailure() }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw FileFailure() }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0, unsafe rename(temporary, path) == 0 else { throw FileFailure() }
  }
}

/// What the system says of the last call.
struct FileFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String = unsafe String(cString: strerror(errno))) {
    self.description = description
  }
}
