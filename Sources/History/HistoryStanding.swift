internal import Monitoring

/// What was handed to the writer, and how that stands: known also while a disk keeps the writer from saying so.
struct HistoryStanding {
  /// As the writer last told.
  var written: HistoryStatus
  private var readers = 0
  private var alerts = 0
  /// Minutes that nobody has looked at yet.
  private var handed = 0
  private var lost = 0

  static let hanging = "the disk does not answer"
  /// When the disk hangs, what comes after so many is given up.
  private static let handedLimit = 8
  private static let alertLimit = 1000
  private static let readerLimit = 16
  /// The first of them was handed over two minutes before.
  private static let stuckAt = 3

  init(written: HistoryStatus) {
    self.written = written
  }

  private var isStuck: Bool { handed >= Self.stuckAt && written.state != .memory }

  var status: HistoryStatus {
    var status = written
    status.lost += lost
    guard isStuck else { return status }
    status.state = .failing
    status.problem = Self.hanging
    status.waiting += handed
    return status
  }

  /// - Returns: whether there is room for one more minute, and whether it shows that the disk hangs.
  mutating func hand() -> (isTaken: Bool, getsStuck: Bool) {
    guard handed < Self.handedLimit else {
      lost += 1
      return (false, false)
    }
    let wasStuck = isStuck
    handed += 1
    return (true, isStuck && !wasStuck)
  }

  /// - Returns: whether the disk had hung, and does no more.
  mutating func finishOne() -> Bool {
    let wasStuck = isStuck
    handed -= 1
    return wasStuck && !isStuck
  }

  mutating func handReader() -> Bool {
    guard readers < Self.readerLimit, !isStuck else { return false }
    readers += 1
    return true
  }

  mutating func finishReader() { readers -= 1 }

  mutating func handAlert() -> Bool {
    guard alerts < Self.alertLimit else { return false }
    alerts += 1
    return true
  }

  mutating func finishAlert() { alerts -= 1 }
}
