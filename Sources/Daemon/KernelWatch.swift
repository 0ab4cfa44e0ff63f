internal import ConnectionTracking
internal import Foundation
internal import KernelSockets
internal import Logging
internal import Monitoring
internal import PacketDecoding
internal import Settings
internal import Synchronization

/// Asks the kernel, on a thread of its own: for its table of sockets at an interval, for single ones when the worker
/// wants to know, and for its counters once a second. The worker takes what was learned when it has time.
final class KernelWatch: Sendable {
  private struct State {
    var messages: [KernelMessage] = []
    var questions: [Question] = []
    var interval: Seconds
    var wantsReading = false
    var stops = false
    var facts = KernelFacts()
    var timer: TimeWaitTimer?
  }

  private enum Question {
    /// Those that a reading lacked.
    case missing([MissingSocket], TableReading)
    /// Ends in FIN_WAIT_2: does somebody hold them?
    case halfClosed([SocketName])
    /// Ends of new connections: are they this host's?
    case unconfirmed([SocketName])
  }

  private let state: Mutex<State>
  private let orders: EventFD
  private let worker: EventFD
  private let interfaces: [String]
  private let owners: OwnerRegistry
  let namespace: UInt8
  private let logger: Logger

  /// What waits for the worker: more, and reading pauses.
  private static let messageLimit = 64
  private static let entriesPerMessage = 512
  /// What waits for the thread, which may wait for the worker; of the others the next reading tells.
  private static let questionLimit = 64
  /// Until what could not be opened is tried again.
  private static let pause = Seconds(1)

  /// - Parameter worker: is signalled when there is something to take.
  init(
    settings: WorkerSettings,
    place: NamespacePlace,
    owners: OwnerRegistry,
    worker: EventFD,
    logger: Logger
  ) throws(SystemError) {
    orders = try EventFD()
    self.worker = worker
    self.logger = logger
    interfaces = settings.namedInterfaces(in: place)
    namespace = place.number
    self.owners = owners
    state = Mutex(State(interval: settings.settings.kernel.interval))
  }

  // MARK: The worker's side

  /// What has been learned, oldest first, up to what the packets have been taken to.
  func take(upTo moment: Instant) -> KernelMessage? {
    let (message, hadNoRoom) = state.withLock { state -> (KernelMessage?, Bool) in
      guard let first = state.messages.first, first.moment.engine <= moment else { return (nil, false) }
      let hadNoRoom = state.messages.count >= Self.messageLimit
      return (state.messages.removeFirst(), hadNoRoom)
    }
    if hadNoRoom { orders.signal() }
    return message
  }

  /// When the oldest thing was learned that waits.
  var oldest: Instant? { state.withLock { $0.messages.first?.moment.engine } }
  var facts: KernelFacts { state.withLock { $0.facts } }

  /// When the kernel takes TIME_WAITs away, if that has become known since the last call.
  func takeTimer() -> TimeWaitTimer? {
    state.withLock { state in
      defer { state.timer = nil }
      return state.timer
    }
  }

  func confirm(_ missing: [MissingSocket], of reading: TableReading) {
    ask(.missing(missing, reading))
  }

  func lookUp(halfClosed names: [SocketName]) {
    ask(.halfClosed(names))
  }

  func lookUp(unconfirmed names: [SocketName]) {
    ask(.unconfirmed(names))
  }

  /// The configuration was read again: the settings of the kernel are too.
  func reload(_ settings: WorkerSettings) {
    state.withLock { state in
      state.interval = settings.settings.kernel.interval
      state.wantsReading = true
    }
    orders.signal()
  }

  /// Packets were lost: what they would have told, the table may.
  func readSoon() {
    state.withLock { $0.wantsReading = true }
    orders.signal()
  }

  func stop() {
    state.withLock { $0.stops = true }
    orders.signal()
  }

  private func ask(_ question: Question) {
    state.withLock { if $0.questions.count < Self.questionLimit { $0.questions.append(question) } }
    orders.signal()
  }

  // MARK: The thread

  /// Reads the table once, before anything else: the first reading is the worker's start. What is read from then on is
  /// read in the network namespace of the caller.
  func seed() throws(SystemError) {
    var reader = TableReader(try SocketDiagnostics(), interfaces: interfaces, namespace: namespace, owners: owners)
    let watcher = namespace == 0 ? TickWatcher() : nil
    if let limit = watcher?.limit { note(.waiting(until: limit)) }
    try read(&reader, hasLimit: false)
    let number = reader.number
    let thread = Thread { self.run(number) }
    thread.name = "kernel"
    thread.start()
    guard let watcher else { return }
    let timer = Thread { self.measureTimer(watcher) }
    timer.name = "kernel timer"
    timer.start()
  }

  /// Finds out when the kernel takes expired TIME_WAITs away: soon by those that do, and exactly by a timer of our own.
  /// Until then they are taken to go in time.
  private func measureTimer(_ watcher: TickWatcher) {
    do {
      if let wheel = try watcher.watch() { note(.wheel(wheel)) }
      if let wheel = try watcher.measure() { note(.wheel(wheel)) }
    } catch {
      logger.debug("\(error): TIME_WAITs are taken to end in time")
    }
  }

  private func note(_ timer: TimeWaitTimer) {
    state.withLock { $0.timer = timer }
    worker.signal()
  }

  private func run(_ number: UInt16) {
    guard var reader = openReader(number) else { return }
    var schedule = ReadingSchedule(now: MonotonicClock.now(), interval: interval)
    while !isStopping {
      // Who waited for room took their orders too.
      if !hasQuestions { waitForOrders(until: schedule.next(isWanted: wantsReading)) }
      answerQuestions(with: &reader)
      let now = MonotonicClock.now()
      if now >= schedule.nextCount { schedule.counted(at: now, overflows: count()) }
      guard schedule.isDue(at: now, isWanted: wantsReading) else { continue }
      state.withLock { $0.wantsReading = false }
      let begun = ThreadClock.now()
      do { try read(&reader, hasLimit: true) } catch { logger.warning("\(error); trying again") }
      schedule.read(at: MonotonicClock.now(), cost: ThreadClock.now() - begun, interval: interval)
    }
  }

  /// Descriptors, or memory, may be short for a while. Nil when the end came first.
  private func openReader(_ number: UInt16) -> TableReader? {
    var hasFailed = false
    while !isStopping {
      do {
        let diagnostics = try SocketDiagnostics()
        return TableReader(diagnostics, interfaces: interfaces, namespace: namespace, owners: owners, number: number)
      } catch {
        if !hasFailed { logger.warning("\(error); trying again") }
        hasFailed = true
      }
      _ = takeQuestions()
      waitForOrders(until: MonotonicClock.now() + Self.pause)
    }
    return nil
  }

  /// What the kernel does not answer, the next reading tells.
  private func answerQuestions(with reader: inout TableReader) {
    for question in takeQuestions() {
      do { try answer(question, with: &reader) } catch {
        logger.warning("\(error); trying again")
        state.withLock { $0.wantsReading = true }
      }
    }
  }

  private var isStopping: Bool { state.withLock { $0.stops } }
  private var hasQuestions: Bool { state.withLock { !$0.questions.isEmpty } }
  private var interval: Seconds { state.withLock { $0.interval } }

  private func takeQuestions() -> [Question] {
    state.withLock { state in
      defer { state.questions = [] }
      return state.questions
    }
  }

  private var wantsReading: Bool { state.withLock { $0.wantsReading } }

  private func waitForOrders(until moment: Instant) {
    var poller = Poller()
    _ = poller.add(orders.fileDescriptor)
    poller.wait(timeout: max(moment - MonotonicClock.now(), .zero))
    orders.drain()
  }

  private func update(_ change: (inout KernelFacts) -> Void) {
    state.withLock { change(&$0.facts) }
  }

  /// Reads the counters.
  /// - Returns: how many sockets have skipped TIME_WAIT so far.
  private func count() -> Int {
    let counters = NetworkCounters.read()
    update { $0.counters = counters }
    return counters.timeWaitOverflows
  }

  private func read(_ reader: inout TableReader, hasLimit: Bool) throws(SystemError) {
    let sysctl = Sysctl()
    let settings = KernelSettings(sysctl)
    let counters = NetworkCounters.read()
    update { facts in
      facts.settings = settings
      facts.forwards = sysctl.forwards
      facts.counters = counters
    }
    let overflows = counters.timeWaitOverflows
    try reader.read(overflows: overflows, batch: Self.entriesPerMessage) { post($0, hasLimit: hasLimit) }
    let listeners = reader.listeners
    update { $0.listeners = listeners }
  }

  private func answer(_ question: Question, with reader: inout TableReader) throws(SystemError) {
    switch question {
    case .missing(let missing, let reading):
      let overflowed = hasOverflowed(since: reader.overflowsBefore)
      try reader.confirm(missing, of: reading, overflowed: overflowed) { post($0, hasLimit: true) }
    case .halfClosed(let names): try reader.lookUp(names) { post($0, hasLimit: true) }
    case .unconfirmed(let names):
      let overflowed = hasOverflowed(since: reader.overflowsBefore)
      try reader.lookUp(unconfirmed: names, overflowed: overflowed) { post($0, hasLimit: true) }
    }
  }

  private func hasOverflowed(since before: Int) -> Bool {
    NetworkCounters.read().timeWaitOverflows > before
  }

  private func post(_ message: KernelMessage, hasLimit: Bool) {
    while hasLimit, state.withLock({ $0.messages.count >= Self.messageLimit && !$0.stops }) {
      waitForOrders(until: MonotonicClock.now() + Seconds(nanoseconds: 100_000_000))
    }
    state.withLock { $0.messages.append(message) }
    worker.signal()
  }
}
