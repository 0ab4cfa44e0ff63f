import ConnectionTracking
import Foundation
import Monitoring
import PacketDecoding
import Synchronization

@testable import StatusServer

/// A server on a port of 127.0.0.1 that the kernel chooses, and if asked for on a Unix socket.
struct TestDaemon: ~Copyable {
  let running: RunningServer
  let source: FixedSource

  init(limits: ServerLimits = ServerLimits(), socket: String? = nil, source: FixedSource = FixedSource()) throws {
    self.source = source
    running = try StatusServer(
      source: source,
      listen: Endpoint(address: IPAddress(ipv4: 0x7F00_0001), port: 0),
      socket: socket,
      allowedHosts: ["monitor.example"],
      metricsListen: nil,
      limits: limits
    ).start()
  }

  deinit { running.stop() }

  var address: ListenAddress { running.addresses[0] }

  func client() throws -> RawClient { try RawClient(address) }
}

/// Says what it was told to say, and keeps what was asked.
final class FixedSource: StatusSource {
  func recording(_ query: RecordingQuery) async -> [UInt8]? { nil }

  private let records: Int
  private let host: String
  private let asked = Mutex<[ConnectionQuery]>([])

  /// - Parameters:
  ///   - records: how many connections a listing holds.
  ///   - host: with a long name the status is long.
  init(records: Int = 0, host: String = "test") {
    self.records = records
    self.host = host
  }

  var queries: [ConnectionQuery] { asked.withLock { $0 } }

  func snapshot() async -> Snapshot? { Snapshot(time: Timestamp(nanoseconds: 0)) }

  func capture(ofAlert id: String) async -> [UInt8]? { id == "known" ? [0x0A, 0x0D, 0x0D, 0x0A] : nil }

  func history(_ query: HistoryQuery) async -> HistoryAnswer? {
    let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
    return HistoryAnswer(range: query.range(now: now), rows: .samples([], step: Seconds(60)))
  }

  func live() async -> LiveStatus? {
    var live = LiveStatus(version: "1.2.3", host: host, uptime: Seconds(1))
    live.ready = true
    return live
  }

  func connections(_ query: ConnectionQuery) async -> ConnectionPage? {
    asked.withLock { $0.append(query) }
    let client = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 40000)
    let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0002), port: 80)
    let found = (0..<min(records, query.limit)).map {
      ConnectionRecord(serial: UInt64($0 + 1), client: client, server: server)
    }
    return ConnectionPage(time: Timestamp(nanoseconds: 0), records: found, next: nil)
  }
}

/// Runs what blocks on a thread of its own: the server under test needs those of the concurrency runtime.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    Thread { continuation.resume(with: Swift.Result(catching: body)) }.start()
  }
}

/// A directory that goes with the test.
final class Scratch: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("tcpstated-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
