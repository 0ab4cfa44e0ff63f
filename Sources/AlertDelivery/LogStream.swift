import Glibc

/// What log lines are written to, which decides how they look.
///
/// systemd connects standard error to the journal and says in JOURNAL_STREAM which device and inode that is. Only when they
/// match do lines carry a priority (`<4>`) and no time, because the journal keeps both apart; in a service whose standard
/// error was led elsewhere, and on a terminal, a line begins with its time.
package struct LogStream: Sendable {
  package let descriptor: Int32
  package let isJournal: Bool

  package init(descriptor: Int32, isJournal: Bool) {
    self.descriptor = descriptor
    self.isJournal = isJournal
  }

  /// - Parameter journalStream: what JOURNAL_STREAM holds: `DEVICE:INODE`.
  package init(descriptor: Int32, journalStream: String?) {
    var status = stat()
    let isKnown = unsafe fstat(descriptor, &status) == 0
    self.init(descriptor: descriptor, isJournal: isKnown && journalStream == "\(status.st_dev):\(status.st_ino)")
  }

  package static var standardError: LogStream {
    let journalStream = unsafe getenv("JOURNAL_STREAM").map { unsafe String(cString: $0) }
    return LogStream(descriptor: STDERR_FILENO, journalStream: journalStream)
  }
}
