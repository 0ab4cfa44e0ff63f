internal import Glibc

/// SIGTERM, SIGINT and SIGHUP, taken by the main thread with sigwaitinfo(2): no handler, nothing async-signal-unsafe.
enum Signals {
  enum Order {
    case stop
    case reload
  }

  /// Keeps them from ending the process; threads that start later inherit it. SIGPIPE shows as EPIPE.
  static func block() {
    var set = waited()
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    _ = signal(SIGPIPE, SIG_IGN)
  }

  /// Waits for the next one; nil when there is something else to look at.
  static func next() -> Order? {
    var set = waited()
    switch unsafe sigwaitinfo(&set, nil) {
    case SIGTERM, SIGINT: return .stop
    case SIGHUP: return .reload
    default: return nil
    }
  }

  /// Ends `next` from any thread. SIGURG: the kernel sends it to none that did not ask, and does nothing where it is not
  /// waited for.
  static func wake() { _ = kill(getpid(), SIGURG) }

  private static func waited() -> sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in [SIGTERM, SIGINT, SIGHUP, SIGURG] { unsafe sigaddset(&set, number) }
    return set
  }
}
