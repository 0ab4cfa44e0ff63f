internal import Glibc

enum SystemWords {
  /// Why the last system call failed.
  static var last: String { unsafe String(cString: strerror(errno)) }
}
