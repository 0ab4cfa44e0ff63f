internal import AlertDelivery
internal import Alerting
internal import History
internal import KernelSockets
internal import Monitoring
internal import PacketDecoding
internal import StatusServer
internal import Synchronization

/// What other threads want of the capture worker. It answers between two batches of frames, within 50 ms also when
/// there is no traffic.
final class WorkerMailbox: Sendable {
  enum Request: Sendable {
    /// To be answered with `publish`.
    case snapshot
    case live(CheckedContinuation<LiveStatus?, Never>)
    case connections(ConnectionQuery, CheckedContinuation<Listing?, Never>)
    case reload(WorkerSettings)
    /// A capture file was written for an alert.
    case recorded(alert: String, path: String)
    case recording(RecordingQuery, CheckedContinuation<[UInt8]?, Never>)
    /// The daemon opens a connection itself, and sends nothing before this is answered.
    case ownBegins(OwnConnection, @Sendable () -> Void)
    case ownEnds(OwnConnection)
  }

  private struct State {
    var requests: [Request] = []
    var stops = false
    var published: (snapshot: Snapshot, at: Instant)?
    /// Who waits for the next snapshot.
    var readers: [CheckedContinuation<Snapshot?, Never>] = []
  }

  /// A snapshot serves all who ask within this time: however many they are, the worker makes few.
  private static let freshness = Seconds(nanoseconds: 100_000_000)

  private let state = Mutex(State())
  let wakeup: EventFD
  let history: HistoryRecorder

  /// Any thread may ask for them.
  let silences: SilenceKeeper

  init(history: HistoryRecorder, silences: SilenceKeeper) throws(SystemError) {
    self.history = history
    self.silences = silences
    wakeup = try EventFD()
  }

  /// Adds a request; false when the worker has stopped, and nobody will answer.
  func post(_ request: Request) -> Bool {
    let isTaken = state.withLock { state in
      if !state.stops { state.requests.append(request) }
      return !state.stops
    }
    wakeup.signal()
    return isTaken
  }

  func stop() {
    state.withLock { $0.stops = true }
    wakeup.signal()
  }

  /// Answers all who asked for a snapshot.
  func publish(_ snapshot: Snapshot) {
    let now = MonotonicClock.now()
    let readers = state.withLock { state in
      state.published = (snapshot, now)
      defer { state.readers = [] }
      return state.readers
    }
    for reader in readers { reader.resume(returning: snapshot) }
  }

  /// What has come since the last call, and whether to stop after it.
  func take() -> (requests: [Request], stops: Bool) {
    _ = wakeup.drain()
    return state.withLock { state in
      defer { state.requests = [] }
      return (state.requests, state.stops)
    }
  }
}

extension WorkerMailbox: StatusSource {
  /// Which alerts are silenced is said here: the worker need not know.
  func snapshot() async -> Snapshot? {
    guard var snapshot = await unmarked() else { return nil }
    snapshot.alerts = silences.mark(snapshot.alerts, at: WallClock.now())
    return snapshot
  }

  private func unmarked() async -> Snapshot? {
    if let fresh { return fresh }
    return await withCheckedContinuation { continuation in
      let isTaken = state.withLock { state in
        guard !state.stops else { return false }
        state.readers.append(continuation)
        if state.readers.count == 1 { state.requests.append(.snapshot) }
        return true
      }
      if isTaken { wakeup.signal() } else { continuation.resume(returning: nil) }
    }
  }

  func history(_ query: HistoryQuery) async -> HistoryAnswer? { await history.answer(query, clock: WallClock.now()) }

  func capture(ofAlert id: String) async -> [UInt8]? {
    let alert = await snapshot()?.alerts.first { $0.id == id }
    guard let path = alert?.capture else { return nil }
    return await AlertCapture.read(path)
  }

  func change(_ change: SilenceChange) throws(SilenceFault) -> Silence? {
    try silences.change(change)
  }

  private var fresh: Snapshot? {
    let now = MonotonicClock.now()
    return state.withLock { state in
      state.published.flatMap { now - $0.at < Self.freshness ? $0.snapshot : nil }
    }
  }

  func live() async -> LiveStatus? {
    await withCheckedContinuation { continuation in
      if !post(.live(continuation)) { continuation.resume(returning: nil) }
    }
  }

  func recording(_ query: RecordingQuery) async -> [UInt8]? {
    await withCheckedContinuation { continuation in
      if !post(.recording(query, continuation)) { continuation.resume(returning: nil) }
    }
  }

  func connections(_ query: ConnectionQuery) async -> ConnectionPage? {
    await withCheckedContinuation { continuation in
      if !post(.connections(query, continuation)) { continuation.resume(returning: nil) }
    }?.page
  }
}

extension WorkerMailbox {
  /// Has the worker leave out connections that the daemon opens itself.
  var ownTraffic: OwnTraffic {
    OwnTraffic(
      begin: { connection, done in if !self.post(.ownBegins(connection, done)) { done() } },
      end: { connection in _ = self.post(.ownEnds(connection)) }
    )
  }
}
