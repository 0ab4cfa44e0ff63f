internal import Dispatch
internal import Foundation
internal import Logging
package import Monitoring
internal import PacketDecoding
internal import Synchronization

/// The way to one place: a bounded queue, and a thread that alone waits for the place.
final class FlowLane: Sendable {
  private struct State {
    var batches: [FlowBatch] = []
    var waiting = 0
    var exported = 0
    var dropped = 0
    var failed = 0
    var lastError: String?
    var reopens = false
    var stops = false
    var hasEnded = false
  }

  private let name: String
  private let kind: String
  private let filter: ConnectionFilter
  private let limit: Int
  private let logger: Logger
  private let makeSink: @Sendable () -> any FlowSink
  private let patience = Patience()
  private let state = Mutex(State())
  private let orders = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  /// Records that are made and sent at a time.
  private static let slice = 256

  init(_ output: FlowOutput, logger: Logger) {
    kind = output.kind
    name = output.name
    filter = output.filter
    limit = output.queue
    makeSink = output.makeSink
    self.logger = logger
    let thread = Thread { self.run() }
    thread.name = "export"
    thread.start()
  }

  // MARK: The others' side

  /// Takes as many as there is room for; never waits.
  func offer(_ batch: FlowBatch, lost: Int) {
    state.withLock { state in
      state.dropped += lost
      let count = min(batch.connections.count, max(limit - state.waiting, 0))
      state.dropped += batch.connections.count - count
      guard count > 0 else { return }
      state.batches.append(count == batch.connections.count ? batch : batch.first(count))
      state.waiting += count
    }
    orders.signal()
  }

  func reopen() {
    state.withLock { $0.reopens = true }
    orders.signal()
  }

  var status: ExportStatus {
    state.withLock { state in
      var status = ExportStatus(kind: kind, name: name)
      status.waiting = state.waiting
      status.exported = state.exported
      status.dropped = state.dropped
      status.failed = state.failed
      status.lastError = state.lastError
      return status
    }
  }

  /// Sends what waits, for no longer than `span`, and ends.
  func stop(within span: Seconds) {
    patience.end(after: span)
    state.withLock { $0.stops = true }
    orders.signal()
  }

  func join(until end: ContinuousClock.Instant) -> Bool {
    let left = max((end - .now) / .seconds(1), 0)
    return ended.wait(timeout: .now() + left) == .success
  }

  // MARK: The thread

  private func run() {
    let sink = makeSink()
    var pending: [ConnectionRecord] = []
    var backOff = BackOff()
    while true {
      _ = orders.wait(timeout: .now() + 1)
      let (reopens, stops) = state.withLock { state in
        defer { state.reopens = false }
        return (state.reopens, state.stops)
      }
      if reopens { sink.reopen() }
      sink.tick(patience)
      // At the end it is tried once more.
      while backOff.isOver || stops, !patience.isOver {
        if pending.isEmpty { pending = takeSlice() }
        if pending.isEmpty { break }
        guard send(&pending, to: sink, &backOff) else { break }
      }
      if stops { break }
    }
    giveUp(pending.count)
    sink.close()
    ended.signal()
  }

  /// False when the place does not take them.
  private func send(_ pending: inout [ConnectionRecord], to sink: any FlowSink, _ backOff: inout BackOff) -> Bool {
    let sent = sink.send(pending, patience)
    pending.removeFirst(min(sent.count, pending.count))
    note(sent)
    if sent.failure == nil { backOff.succeed() } else { backOff.fail() }
    return sent.failure == nil
  }

  /// Those that pass the filter of the next few that wait.
  private func takeSlice() -> [ConnectionRecord] {
    while true {
      guard let batch = takeBatch() else { return [] }
      let records = batch.connections.map { $0.record(interfaces: batch.interfaces) }
      let chosen = records.filter { filter.matches($0) }
      state.withLock { $0.waiting -= records.count - chosen.count }
      if !chosen.isEmpty { return chosen }
    }
  }

  private func takeBatch() -> FlowBatch? {
    state.withLock { state in
      guard let first = state.batches.first else { return nil }
      let rest = first.connections.count - Self.slice
      if rest > 0 { state.batches[0] = first.last(rest) } else { state.batches.removeFirst() }
      return first.first(Self.slice)
    }
  }

  /// Says so when it begins to fail, and when it goes well again; not each time.
  private func note(_ sent: Sent) {
    let before = state.withLock { state in
      defer { state.lastError = sent.failure }
      state.exported += sent.count - sent.refused
      state.dropped += sent.refused
      state.waiting -= sent.count
      if sent.failure != nil { state.failed += 1 }
      return state.lastError
    }
    if let failure = sent.failure {
      if before != failure { logger.warning("export to \(name): \(failure); trying again") }
    } else if before != nil {
      logger.notice("export to \(name) goes on")
    }
  }

  private func giveUp(_ pending: Int) {
    let left = state.withLock { state in
      let left = pending + state.batches.reduce(0) { $0 + $1.connections.count }
      state.dropped += left
      state.batches = []
      state.waiting = 0
      return left
    }
    if left > 0 { logger.warning("export to \(name): \(left) connections were not written before the end") }
  }
}

/// Connections on their way, in the form in which the capture thread gave them.
package struct FlowBatch: Sendable {
  package var connections: ArraySlice<ClosedConnection>
  /// Names by number.
  package var interfaces: [String]

  package init(_ connections: [ClosedConnection], interfaces: [String]) {
    self.connections = connections[...]
    self.interfaces = interfaces
  }

  fileprivate func first(_ count: Int) -> FlowBatch {
    var part = self
    part.connections = connections.prefix(count)
    return part
  }

  fileprivate func last(_ count: Int) -> FlowBatch {
    var part = self
    part.connections = connections.suffix(count)
    return part
  }
}
