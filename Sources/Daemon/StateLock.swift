internal import Glibc

/// Keeps a second daemon away from a state directory: both would count what both saw, and write over each other's files.
/// The kernel lets go of it when the process ends, however that comes: nothing is left behind.
final class StateLock {
  private let descriptor: Int32

  /// Nil where nothing can be locked: what cannot be kept there is said by who would keep it.
  ///
  /// - Throws: that another daemon has it, as one line.
  init?(directory: String) throws(StartFailure) {
    descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { return nil }
      throw StartFailure(
        description: "another tcpstated runs with the state directory \(directory): "
          + "stop it, or give this one a state_directory of its own"
      )
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }
}
