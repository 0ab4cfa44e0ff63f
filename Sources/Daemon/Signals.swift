internal import Glibc

/// SIGTERM, SIGINT and SIGHUP, taken by the main thread with sigtimedwait(2): no handler, nothing async-signal-unsafe.
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

  /// The next one, or nil after `timeout` seconds.
  static func next(timeout: Double) -> Order? {
    var set = waited()
    var span = timespec(tv_sec: Int(timeout), tv_nsec: Int((timeout - timeout.rounded(.down)) * 1e9))
    switch unsafe sigtimedwait(&set, nil, &span) {
    case SIGTERM, SIGINT: return .stop
    case SIGHUP: return .reload
    default: return nil
    }
  }

  private static func waited() -> sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in [SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&set, number) }
    return set
  }
}
