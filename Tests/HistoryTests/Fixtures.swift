import Alerting
import CloseDiagnosis
import ConnectionTracking
import Foundation
import GRDB
import Logging
import Monitoring
import PacketDecoding
import StateAccounting
import Synchronization

@testable import History

/// A directory that goes with the test.
final class Scratch: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("tcpstated-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var file: String { path + "/history.sqlite" }
}

/// What was logged.
final class Lines: LogHandler, Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }
  var logger: Logger { Logger(label: "test") { _ in self } }

  func log(event: LogEvent) { lines.withLock { $0.append("\(event.level) \(event.message)") } }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }

  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }

  var logLevel: Logger.Level {
    get { .trace }
    set {}
  }
}

let start: Int64 = 29_000_000

func time(_ minute: Int64, second: Int64 = 0) -> Timestamp {
  Timestamp(nanoseconds: Timestamp(minute: start + minute).nanoseconds + second * 1_000_000_000)
}

let web = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 80)

/// What a daemon sees that has counted so far.
func snapshot(
  at time: Timestamp,
  timeWait: Int = 0,
  connections: Int = 0,
  closedByServer: Int = 0,
  causes: [CloseCause: Int] = [:],
  ports: Int = 0,
  services: Int = 1
) -> Snapshot {
  var snapshot = Snapshot(time: time)
  var service = ServiceAccount(service: web, number: 1)
  service.server[.timeWait] = timeWait
  service.local[.timeWait] = timeWait
  service.connections = connections
  service.closedFirst[.server] = closedByServer
  service.closeKind[.fin] = closedByServer
  service.closeKind[.none] = connections - closedByServer
  service.open = connections - closedByServer
  snapshot.accounts.services = [service]
  for number in 1..<services {
    let address = IPAddress(ipv4: 0x0A01_0000 + UInt32(number))
    var other = ServiceAccount(service: Endpoint(address: address, port: 80), number: number + 1)
    other.server[.timeWait] = timeWait
    snapshot.accounts.services.append(other)
  }
  snapshot.accounts.server = service.server
  snapshot.accounts.local = service.local
  snapshot.accounts.connections = connections
  snapshot.accounts.closedFirst = service.closedFirst
  snapshot.accounts.closeKind = service.closeKind
  snapshot.accounts.open = service.open
  snapshot.causes.name(1, web)
  for (cause, count) in causes {
    for _ in 0..<count { snapshot.causes.count(cause, 1) }
  }
  if ports > 0 {
    var use = PortUse(address: IPAddress(ipv4: 0x0A00_0002), destination: web)
    (use.held, use.timeWait, use.refused) = (ports, ports / 2, ports / 4)
    snapshot.accounts.portUses = [use]
  }
  return snapshot
}

func alert(_ id: String, since: Timestamp, resolved: Timestamp? = nil) -> AlertStatus {
  var alert = AlertStatus(
    id: id,
    name: "time-wait",
    state: resolved == nil ? .firing : .resolved,
    severity: .warning,
    labels: [Label(name: "site", value: "fra")],
    value: 400,
    raise: 300,
    clear: 240,
    since: since,
    firedAt: since,
    resolvedAt: resolved,
    summary: "400 TIME_WAIT on this host"
  )
  alert.evidence.owner = "shop.service"
  return alert
}

let plenty = HistoryLimits(age: Seconds(400 * 86_400), size: 64 << 20)

func recorder(_ path: String?, _ limits: HistoryLimits = plenty, _ lines: Lines = Lines()) -> HistoryRecorder {
  let store = HistoryStore(path: path, limits: limits, logger: lines.logger)
  // As for a file: each minute is written before the next is looked at.
  let recorder = HistoryRecorder(store: store, isReplay: true)
  recorder.start()
  return recorder
}

extension HistoryQuery {
  static func of(_ subject: Subject, _ since: Timestamp, _ until: Timestamp, step: Seconds? = Seconds(60))
    -> HistoryQuery
  {
    var query = HistoryQuery()
    (query.subject, query.since, query.until, query.step) = (subject, .at(since), .at(until), step)
    return query
  }
}

extension HistoryRecorder {
  func samples(_ query: HistoryQuery) async -> [FigureSample] {
    guard case .samples(let samples, _) = await answer(query, clock: time(0))?.rows else { return [] }
    return samples
  }

  /// Minutes in which one connection more is opened and closed, from one second to another of each.
  func run(_ minutes: Range<Int64>) {
    for minute in minutes {
      note(snapshot(at: time(minute, second: 1), timeWait: 1, connections: Int(minute), closedByServer: Int(minute)))
      note(
        snapshot(
          at: time(minute, second: 2),
          timeWait: 2,
          connections: Int(minute) + 1,
          closedByServer: Int(minute) + 1
        )
      )
    }
  }
}
