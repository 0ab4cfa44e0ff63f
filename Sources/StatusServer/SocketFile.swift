internal import Glibc
internal import Synchronization

/// The file of a Unix socket: made way for at start, taken away at the end.
final class SocketFile: Sendable {
  let path: String
  private let identity = Mutex<Identity?>(nil)

  /// Which file it is, whatever its name.
  private struct Identity: Equatable {
    var device: dev_t
    var inode: ino_t
  }

  init(_ path: String) {
    self.path = path
  }

  /// Removes what a daemon that was killed has left there: a socket, and one that nobody answers at.
  ///
  /// - Throws: why the path cannot be used.
  func makeWay() throws(ListenFailure) {
    guard let status = status else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw failure("it exists, and is no socket") }
    switch connectionError() {
    case nil: throw failure("another process answers there")
    case ECONNREFUSED: break
    case let code?: throw failure("a socket is there: \(SystemMessage.text(code))")
    }
    guard unsafe unlink(path) == 0 || errno == ENOENT else {
      throw failure("a socket is left there: \(SystemMessage.text(errno))")
    }
  }

  private func failure(_ reason: String) -> ListenFailure { ListenFailure(.unix(path: path), reason: reason) }

  /// Opens the new file to owner and group, and remembers it, so that `remove` takes no other.
  ///
  /// Connecting takes the right to write: until here, an ordinary umask(2) has left that to the owner.
  func adopt() throws(ListenFailure) {
    guard unsafe chmod(path, 0o660) == 0, let status else { throw failure(SystemMessage.text(errno)) }
    identity.withLock { $0 = Identity(device: status.st_dev, inode: status.st_ino) }
  }

  func remove() {
    guard let status else { return }
    let current = Identity(device: status.st_dev, inode: status.st_ino)
    if identity.withLock({ $0 }) == current { unsafe unlink(path) }
  }

  /// Of the name itself: a link to a socket is not ours to remove.
  private var status: stat? {
    var status = stat()
    return unsafe lstat(path, &status) == 0 ? status : nil
  }

  /// Nil when somebody accepts connections there.
  private func connectionError() -> Int32? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return ENAMETOOLONG }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    // A full backlog says EAGAIN instead of waiting.
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    if result == 0 { return nil }
    return errno == EAGAIN ? nil : errno
  }
}
