internal import ConnectionTracking
internal import KernelSockets
internal import Monitoring
internal import PacketDecoding

/// The worker's side of the kernel's socket table: takes what was read in slices, between batches of packets, and keeps
/// account of what the two disagree on.
struct Reconciler {
  private let watch: KernelWatch
  private var sweep: Sweep?
  private var tally = ReadingTally()
  private(set) var totals = ReconcileTotals()
  /// What the last complete reading came to, and when it began: what came later is not in it, however late it is compared.
  private(set) var last: (tally: ReadingTally, began: Instant)?

  /// A search for what the model has and the kernel has not.
  private struct Sweep {
    var reading: TableReading
    var position: UInt32? = 0
    var missing: [MissingSocket] = []
  }

  /// No longer than this at a time.
  private static let budget = Seconds(nanoseconds: 2_000_000)
  private static let slotsPerSlice: UInt32 = 2048
  /// So many missing sockets are looked for one by one; the rest at the next reading.
  private static let missingLimit = 2000

  init(_ watch: KernelWatch) {
    self.watch = watch
  }

  var facts: KernelFacts { watch.facts }

  /// Takes the first reading whole.
  mutating func seed(_ monitor: inout Monitor) throws(SystemError) {
    try watch.seed()
    takeTimer(&monitor, at: MonotonicClock.now())
    while let message = watch.take(upTo: Instant(nanoseconds: .max)) {
      take(message, &monitor)
      guard let complete = sweep?.reading else { continue }
      // Nothing is missing from what the reading itself made.
      sweep = nil
      (tally.modelOnly, tally.kernelOnly) = (0, 0)
      conclude(complete)
    }
    totals = ReconcileTotals()
  }

  /// Takes what has been found out of the kernel's timers.
  func takeTimer(_ monitor: inout Monitor, at now: Instant) {
    if let timer = watch.takeTimer() { monitor.setTimer(timer, at: now) }
  }

  /// How long the worker may sleep before there is something to do here; nil when it need not wake for this.
  func pause(at now: Instant, delay: Seconds) -> Seconds? {
    if sweep != nil { return .zero }
    return watch.oldest.map { max($0 + delay - now, .zero) }
  }

  /// Goes on for a few milliseconds at most.
  ///
  /// - Parameter taken: all packets up to this moment have been taken.
  mutating func advance(_ monitor: inout Monitor, taken: Instant, at now: Instant) {
    let end = now + Self.budget
    repeat {
      if sweep != nil {
        advanceSweep(monitor, at: now)
      } else if let message = watch.take(upTo: taken) {
        take(message, &monitor)
      } else {
        return
      }
    } while MonotonicClock.now() < end
  }

  func askForHalfClosed(_ monitor: inout Monitor) {
    let names = monitor.takeHalfClosed(in: watch.namespace)
    if !names.isEmpty { watch.lookUp(halfClosed: names) }
  }

  func askForUnconfirmed(_ monitor: inout Monitor) {
    let names = monitor.takeUnconfirmed(in: watch.namespace, at: MonotonicClock.now())
    if !names.isEmpty { watch.lookUp(unconfirmed: names) }
  }

  func reload(_ settings: WorkerSettings) { watch.reload(settings) }
  func readSoon() { watch.readSoon() }
  func stop() { watch.stop() }

  // MARK: Messages

  private mutating func take(_ message: KernelMessage, _ monitor: inout Monitor) {
    switch message {
    case .entries(let entries, let reading, let moment):
      for entry in entries {
        guard let finding = compare(entry, reading, moment, &monitor) else { continue }
        if entry.phase == .timeWait { tally.note(finding) }
      }
    case .found(let entries, let reading, let moment):
      for entry in entries { _ = compare(entry, reading, moment, &monitor) }
    case .custody(let held, let unheld, let moment, let overflowed):
      for (names, hasSocket) in [(held, true), (unheld, false)] {
        for name in names {
          let now = MonotonicClock.now()
          monitor.noteCustody(of: name, hasSocket: hasSocket, asked: moment.wall, overflowed: overflowed, at: now)
        }
      }
    case .finished(let reading, _, let isComplete):
      if isComplete { sweep = Sweep(reading: reading) } else { tally = ReadingTally() }
    case .absent(let sockets, let reading, _, let overflowed):
      for socket in sockets {
        let now = MonotonicClock.now()
        let absence = monitor.noteAbsence(of: socket.name, in: reading, overflowed: overflowed, at: now)
        guard absence != .known else { continue }
        if socket.phase == .timeWait { tally.modelOnly += 1 }
        if absence == .ended { totals.closed += 1 }
      }
      conclude(reading)
    }
  }

  private mutating func compare(
    _ entry: SocketEntry,
    _ reading: TableReading,
    _ moment: Moment,
    _ monitor: inout Monitor
  ) -> TableFinding? {
    let finding = monitor.compare(entry, in: reading, at: MonotonicClock.now(), time: moment.wall)
    switch finding {
    case .adopted: totals.adopted += 1
    case .corrected: totals.corrected += 1
    case .agrees, .tooRecent, .expired, nil: break
    }
    return finding
  }

  private mutating func advanceSweep(_ monitor: borrowing Monitor, at now: Instant) {
    guard var current = sweep, let position = current.position else { return }
    current.position = monitor.missing(
      in: current.reading,
      from: position,
      count: Self.slotsPerSlice,
      at: now,
      into: &current.missing
    )
    if current.missing.count >= Self.missingLimit { current.position = nil }
    guard current.position == nil else {
      sweep = current
      return
    }
    sweep = nil
    guard current.missing.isEmpty else { return watch.confirm(current.missing, of: current.reading) }
    conclude(current.reading)
  }

  private mutating func conclude(_ reading: TableReading) {
    last = (tally, reading.began)
    tally = ReadingTally()
  }
}

/// What one reading came to, in TIME_WAITs.
struct ReadingTally: Sendable {
  /// Entries of the kernel's table.
  var timeWait = 0
  /// Those that only one of both has.
  var modelOnly = 0
  var kernelOnly = 0

  var drift: Int { modelOnly - kernelOnly }

  /// A TIME_WAIT of the kernel's table.
  mutating func note(_ finding: TableFinding) {
    timeWait += 1
    switch finding {
    case .adopted, .corrected: kernelOnly += 1
    case .agrees, .tooRecent, .expired: break
    }
  }
}

/// What readings have changed since the start.
struct ReconcileTotals: Sendable {
  var adopted = 0
  var corrected = 0
  var closed = 0
}
