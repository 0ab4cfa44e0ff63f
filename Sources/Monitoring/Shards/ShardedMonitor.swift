package import CloseDiagnosis
package import ConnectionTracking
package import PacketDecoding
internal import StateAccounting

/// What a `Monitor` would know at the end of a file, put together from the shares.
package struct ShardedMonitor: ~Copyable {
  private let reader: FrameReader
  private var merger: ShardMerger
  private var shards: [ShardBox]
  private let settings: MonitorSettings
  private var lingering = LingeringSurvey()
  private var isFinished = false

  /// In place of an array of what cannot be copied.
  package final class ShardBox {
    package var shard: Shard

    package init(_ shard: consuming Shard) { self.shard = shard }
  }

  package init(
    _ settings: MonitorSettings,
    reader: consuming FrameReader,
    merger: consuming ShardMerger,
    shards: [ShardBox]
  ) {
    self.settings = settings
    self.reader = reader
    self.merger = merger
    self.shards = shards
  }

  package var packetNow: Instant? { reader.packetNow }

  /// See `Monitor.finish`.
  package mutating func finish() {
    guard !isFinished else { return }
    isFinished = true
    for (share, box) in shards.enumerated() { box.shard.forEachStanding { merger.move($0, share, to: $1) } }
    merger.finish(at: reader.packetNow)
    guard let now = reader.packetNow, merger.books.ledger.hasWaiting else { return }
    var waiting: [WaitingEnd] = []
    for (share, box) in shards.enumerated() {
      box.shard.forEachWaiting(at: now) { end in
        var end = end
        let account = merger.account(end.account.number, share)
        (end.account.service, end.account.peer) = (account.service, account.peer)
        waiting.append(end)
      }
    }
    waiting.sort { $0.comesBefore($1) }
    for end in waiting { lingering.add(end, at: now) }
    lingering.goOn(with: nil)
  }

  package func forEachTracked(_ body: (ConnectionView) -> Void) {
    for (share, box) in shards.enumerated() {
      box.shard.forEachTracked { body(merger.view($0, share)) }
    }
  }

  package func verdict(of serial: UInt64) -> CauseVerdict? { merger.books.diagnosis.verdict(of: serial) }

  package func snapshot() -> Snapshot {
    var snapshot = Snapshot(time: nil)
    snapshot.ingest.packets = reader.packets
    snapshot.ingest.tcpPackets = reader.tcpPackets
    snapshot.ingest.icmpErrors = reader.icmpErrors
    snapshot.first = reader.span.first
    snapshot.last = reader.span.last
    var anomalies: [Int] = Array(repeating: 0, count: Anomaly.allCases.count)
    var duplicates = [Int](repeating: 0, count: Int(UInt8.max) + 1)
    for box in shards {
      for (index, anomaly) in Anomaly.allCases.enumerated() { anomalies[index] += box.shard.count(of: anomaly) }
      for (index, count) in box.shard.duplicates.enumerated() { duplicates[index] += count }
      snapshot.exchanges += box.shard.exchanges
      snapshot.table.used += box.shard.tracked
      snapshot.table.halfOpen += box.shard.halfOpen
      snapshot.table.evicted += box.shard.evicted
    }
    snapshot.ingest.undecoded = reader.undecoded.byReason
    for (anomaly, count) in zip(Anomaly.allCases, anomalies) {
      // Each share has a clock of its own, which knows of its frames alone.
      let all = anomaly == .timeJump ? reader.timeJumps : count
      if all > 0 { snapshot.ingest.anomalies[anomaly.name] = all }
    }
    snapshot.ingest.duplicates = duplicates
    snapshot.causes = merger.books.diagnosis.current
    snapshot.accounts = merger.books.ledger.accounts
    snapshot.accounts.owners = []
    snapshot.accounts.lingering = lingering.latest
    snapshot.table.capacity = settings.tracker.capacity
    snapshot.timeWaitSeries = merger.series
    snapshot.knowsLocal = settings.tracker.localAddresses.isKnown
    return snapshot
  }
}

extension ShardMerger {
  mutating func finish(at now: Instant?) {
    books.ledger.samplePeaks()
    books.diagnosis.decideAll()
    if let now { series.add(books.ledger.timeWaitSample(at: now)) }
  }
}

extension Shard {
  mutating func forEachWaiting(at now: Instant, _ body: (WaitingEnd) -> Void) {
    _ = tracker.forEachWaiting(from: 0, count: .max, at: now, body)
  }

  /// Of all connections, by number: some moved since the books were told of them.
  func forEachStanding(_ body: (_ connection: UInt32, _ standing: Standing) -> Void) {
    tracker.forEachStanding { body($0.number, $1) }
  }

  func forEachTracked(_ body: (ConnectionView) -> Void) {
    tracker.table.forEachConnection(body)
  }

  func count(of anomaly: Anomaly) -> Int { tracker.anomalies[anomaly] }
  var duplicates: [Int] { tracker.duplicates }
  var exchanges: Int { tracker.exchanges }
  var tracked: Int { tracker.trackedCount }
  var halfOpen: Int { tracker.halfOpenCount }
  var evicted: Int { tracker.evicted }
}

extension WaitingEnd {
  /// An order that does not depend on where they stand in a table.
  func comesBefore(_ other: WaitingEnd) -> Bool {
    if since != other.since { return since < other.since }
    if client != other.client {
      let (own, others) = (client.address, other.client.address)
      return (own.high, own.low, client.port) < (others.high, others.low, other.client.port)
    }
    if server != other.server {
      let (own, others) = (server.address, other.server.address)
      return (own.high, own.low, server.port) < (others.high, others.low, other.server.port)
    }
    return role.rawValue < other.role.rawValue
  }
}
