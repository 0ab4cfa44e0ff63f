internal import Alerting
internal import GRDB
internal import Logging
internal import Monitoring
internal import PacketDecoding

/// The file and what waits for it. Whatever is wrong with the file, the daemon goes on: it is tried again each minute.
struct HistoryWriter {
  private let path: String?
  private let limits: HistoryLimits
  private let logger: Logger
  private var archive: Archive?
  private var isChecked = false
  private var books = MinuteBooks()
  private var minutes: [MinuteRows] = []
  private var rowsWaiting = 0
  private var alerts: [AlertStatus] = []
  private(set) var status = HistoryStatus()

  /// Rows that may wait: some hours of a usual host.
  private static let waitingRows = 20_000
  private static let waitingAlerts = 1000

  init(path: String?, limits: HistoryLimits, logger: Logger) {
    self.path = path
    self.limits = limits
    self.logger = logger
    status.state = path == nil ? .memory : .ok
  }

  // MARK: In

  mutating func open() {
    guard archive == nil else { return }
    attempt { writer in
      let isChecked = writer.isChecked
      let archive = try writer.path.map { try Archive(path: $0, isChecked: !isChecked) } ?? Archive()
      writer.isChecked = true
      if let aside = archive.movedAside { writer.tellMoved(to: aside) }
      writer.archive = archive
    }
  }

  mutating func begin(_ snapshot: Snapshot) { books.begin(snapshot) }

  mutating func take(_ minute: WatchedMinute) {
    append(books.rows(of: minute))
    write()
    tidy(now: Timestamp(minute: minute.minute))
  }

  mutating func take(_ alert: AlertStatus) {
    alerts.removeAll { $0.id == alert.id }
    if alerts.count >= Self.waitingAlerts { alerts.removeFirst() }
    alerts.append(alert)
  }

  mutating func finish(_ last: WatchedMinute?) {
    if let last { append(books.rows(of: last)) }
    write()
    archive?.close()
    archive = nil
  }

  private mutating func append(_ rows: MinuteRows) {
    minutes.append(rows)
    rowsWaiting += rows.count
    while minutes.count > 1, rowsWaiting > Self.waitingRows {
      rowsWaiting -= minutes.removeFirst().count
      status.lost += 1
    }
  }

  private mutating func write() {
    if archive?.isInPlace == false {
      archive?.close()
      archive = nil
    }
    open()
    status.waiting = minutes.count
    guard let archive, !minutes.isEmpty || !alerts.isEmpty else { return }
    attempt { writer in
      writer.status.rows += try archive.write(writer.minutes, writer.alerts)
      writer.minutes = []
      writer.rowsWaiting = 0
      writer.alerts = []
      writer.status.waiting = 0
    }
  }

  private mutating func tidy(now: Timestamp) {
    guard let archive else { return }
    attempt { writer in
      try archive.keepWithin(writer.limits, now: now)
      writer.status.bytes = try archive.size().file
    }
  }

  // MARK: Out

  mutating func answer(_ query: HistoryQuery, now: Timestamp, current: FigureSample?) -> HistoryAnswer {
    if !alerts.isEmpty || !minutes.isEmpty { write() }
    let range = query.range(now: now)
    var answer = HistoryAnswer(range: range, rows: query.nothing(in: range))
    if let archive {
      attempt(isWriting: false) { _ in
        answer.rows = try archive.read(query, range)
        answer.oldest = try archive.oldest().map(Timestamp.init(minute:))
      }
    }
    answer.problem = status.problem
    if query.subject == .host {
      for sample in minutes.map(\.host) + [current].compactMap({ $0 }) { answer.add(sample) }
    }
    return answer
  }

  // MARK: What goes wrong

  /// - Parameter isWriting: whether it shows that writing works again.
  private mutating func attempt(isWriting: Bool = true, _ body: (inout HistoryWriter) throws -> Void) {
    do {
      try body(&self)
      if isWriting { recover() }
    } catch let error as DatabaseError where error.isDamage {
      replaceDamaged()
    } catch let error as DatabaseError {
      fail(error.message ?? "\(error.resultCode)")
    } catch {
      fail("\(error)")
    }
  }

  private mutating func fail(_ reason: String) {
    status.errors += 1
    // Once, not each minute: what is full stays full for a while.
    if status.problem != reason, let path {
      logger.error("cannot write \(path): \(reason); the daemon goes on, and tries again each minute")
    }
    status.problem = reason
    if path != nil { status.state = .failing }
    // A file that could not be written may be another one, or gone, by the next time.
    archive?.close()
    archive = nil
  }

  private mutating func recover() {
    guard status.problem != nil, archive != nil, minutes.isEmpty else { return }
    status.problem = nil
    if let path {
      status.state = .ok
      logger.notice("writes \(path) again")
    }
  }

  /// It was good when it was opened.
  private mutating func replaceDamaged() {
    archive?.close()
    archive = nil
    guard let path else { return }
    do {
      tellMoved(to: try Archive.moveAside(path))
      archive = try Archive(path: path, isChecked: false)
    } catch {
      fail("\(error)")
    }
  }

  private mutating func tellMoved(to aside: String) {
    status.errors += 1
    logger.error("\(path ?? ""): the history is damaged; it is now \(aside), and a new one is begun")
  }
}

extension HistoryQuery {
  fileprivate func nothing(in range: HistoryRange) -> HistoryAnswer.Rows {
    switch subject {
    case .host: .samples([], step: step(in: range))
    case .services: service == nil ? .services([]) : .samples([], step: step(in: range))
    case .destinations: destination == nil ? .destinations([]) : .ports([], step: step(in: range))
    case .causes: .causes([])
    case .alerts: .alerts([])
    case .findings: .findings([])
    }
  }
}

extension HistoryAnswer {
  /// Takes the figures of a minute that is in no file.
  fileprivate mutating func add(_ sample: FigureSample) {
    let minute = sample.time.minute
    if oldest.map({ minute < $0.minute }) ?? true { oldest = sample.time }
    guard case .samples(var samples, let step) = rows, minute >= range.since.minute, minute <= range.until.minute else {
      return
    }
    var own = sample
    own.time = Timestamp(minute: minute - ((minute % step.minutes) + step.minutes) % step.minutes)
    // The minutes that wait are the last ones, unless the clock went back.
    let place = samples.lastIndex { $0.time <= own.time }
    if let place, samples[place].time == own.time {
      samples[place].merge(own)
    } else {
      samples.insert(own, at: place.map { $0 + 1 } ?? 0)
    }
    rows = .samples(samples, step: step)
  }
}
