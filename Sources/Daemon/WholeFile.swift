internal import Glibc

/// Files that are there whole or not at all, for the owner alone.
enum WholeFile {
  /// What a file is called until it is whole.
  static let unfinished = ".new"

  static func write(_ bytes: [UInt8], to path: String) throws(FileFailure) {
    let temporary = path + unfinished
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
    let descriptor = unsafe open(temporary, flags, 0o600)
    guard descriptor >= 0 else { throw FileFailure() }
    defer { close(descriptor) }
    do throws(FileFailure) {
      try fill(descriptor, with: bytes)
      guard unsafe rename(temporary, path) == 0 else { throw FileFailure() }
    } catch {
      unsafe unlink(temporary)
      throw error
    }
    syncDirectory(of: path)
  }

  private static func fill(_ descriptor: Int32, with bytes: [UInt8]) throws(FileFailure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw FileFailure() }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0 else { throw FileFailure() }
  }

  /// Before that the new name may be forgotten with the power. Where a directory cannot be synced it is up to the disk.
  private static func syncDirectory(of path: String) {
    guard let slash = path.lastIndex(of: "/") else { return }
    let descriptor = unsafe open(String(path[...slash]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

/// What the system says of the last call.
struct FileFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String = unsafe String(cString: strerror(errno))) {
    self.description = description
  }
}
