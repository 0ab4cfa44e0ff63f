internal import Glibc

/// How many files the process may still open: NIO's event loops end the process when they get none.
enum OpenFiles {
  /// - Throws: that there is no room for `count` more, as one line.
  static func checkRoom(for count: Int) throws(StartFailure) {
    var taken: [Int32] = []
    defer { for descriptor in taken { close(descriptor) } }
    while taken.count < count {
      let descriptor = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
      if descriptor < 0, errno == EMFILE { throw StartFailure(description: tooFew) }
      // For want of anything else nothing is known.
      guard descriptor >= 0 else { return }
      taken.append(descriptor)
    }
  }

  private static var tooFew: String {
    "\(sysconf(Int32(_SC_OPEN_MAX))) open files (RLIMIT_NOFILE) are too few: "
      + "raise LimitNOFILE= in the unit, or ulimit -n in the shell"
  }
}
