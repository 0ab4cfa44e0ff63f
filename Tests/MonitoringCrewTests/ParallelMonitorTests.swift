import ConnectionTracking
import Monitoring
import PacketCapture
import PacketDecoding
import StateAccounting
import Testing

@testable import MonitoringCrew

/// Several cores say what one says.
@Suite
struct ParallelMonitorTests {
  @Test(arguments: [1, 3, 8], [ClosedRetention.all, .within(.zero, count: 0)])
  func `any number of shares gives the same`(shares: Int, retention: ClosedRetention) {
    let frames = RandomFrames(seed: 7, count: 25_000)
    var one = Monitor(Self.settings(retention))
    var several = ParallelMonitor(Self.settings(retention), shares: shares)
    several.declare(Self.interface)
    let expected = Self.run(frames, &one)
    #expect(expected.count > 1)
    let found = Self.run(frames, &several)
    #expect(Self.firstDifference(found, expected) == nil)
  }

  @Test(arguments: [1, 2, 5])
  func `time that only goes on gives the same`(shares: Int) {
    let frames = RandomFrames(seed: 13, count: 25_000, timeGoesBack: false)
    let settings = Self.settings(.all)
    var one = Monitor(settings)
    var several = ParallelMonitor(settings, shares: shares)
    several.declare(Self.interface)
    #expect(Self.firstDifference(Self.run(frames, &several), Self.run(frames, &one)) == nil)
  }

  /// Who answers gets accounts of its own as long as there are some.
  @Test(arguments: [1, 2, 5])
  func `accounts that many share give the same`(shares: Int) {
    let frames = RandomFrames(seed: 17, count: 25_000)
    var settings = Self.settings(.all)
    (settings.accounts.services, settings.accounts.peers) = (2, 6)
    var one = Monitor(settings)
    var several = ParallelMonitor(settings, shares: shares)
    several.declare(Self.interface)
    #expect(Self.firstDifference(Self.run(frames, &several), Self.run(frames, &one)) == nil)
  }

  @Test
  func `a share that has no room says so, and one alone sheds as a monitor does`() {
    let frames = RandomFrames(seed: 11, count: 10_000)
    var settings = Self.settings(.within(.zero, count: 0))
    settings.tracker.halfOpenCapacity = 20
    var one = Monitor(settings)
    var alone = ParallelMonitor(settings, shares: 1)
    var several = ParallelMonitor(settings, shares: 3)
    alone.declare(Self.interface)
    several.declare(Self.interface)
    #expect(Self.firstDifference(Self.run(frames, &alone), Self.run(frames, &one)) == nil)
    let aloneHasShed = alone.hasShed
    #expect(aloneHasShed)
    _ = Self.run(frames, &several)
    let oneOfThemHasShed = several.hasShed
    #expect(oneOfThemHasShed)
  }

  /// Where two begin to differ, with what each says there.
  private static func firstDifference(_ found: [String], _ expected: [String]) -> String? {
    for (number, (own, other)) in zip(found, expected).enumerated() where own != other {
      let start = zip(own, other).prefix { $0 == $1 }.count
      let (said, expected) = (own.dropFirst(max(start - 60, 0)), other.dropFirst(max(start - 60, 0)))
      return "\(number) of \(found.count): \(said.prefix(160)) INSTEAD OF \(expected.prefix(160))"
    }
    return found.count == expected.count ? nil : "\(found.count) instead of \(expected.count)"
  }

  private static let interface = CaptureInterface(name: "", linkType: .ethernet)

  private static func settings(_ retention: ClosedRetention) -> MonitorSettings {
    var settings = MonitorSettings(tracker: TrackerSettings(capacity: 100_000), retention: retention)
    settings.surveysAtTicks = false
    settings.keepsSeries = true
    return settings
  }

  // MARK: What they say

  /// Of two that left at the same moment one core may name either first.
  private static func inOrder(_ told: [String]) -> [String] { told.sorted() }

  private static func run(_ traffic: RandomFrames, _ monitor: inout Monitor) -> [String] {
    let decoders = [FrameDecoder(linkType: .ethernet)]
    var told: [String] = []
    traffic.forEachBatch { octets, frames in
      monitor.ingest(octets, frames, decoders: decoders)
      for ended in monitor.takeEnded() { told.append(text(ended) + " \(as: monitor.verdict(of: ended))") }
    }
    monitor.finish()
    return inOrder(told) + text(monitor.snapshot(at: nil))
  }

  private static func run(_ traffic: RandomFrames, _ monitor: inout ParallelMonitor) -> [String] {
    traffic.forEachBatch { monitor.take($0, $1) }
    monitor.finish()
    let told = monitor.takeEnded().map { text($0.connection) + " \(as: $0.cause)" }
    return inOrder(told) + text(monitor.snapshot())
  }

  private static func text(_ connection: ConnectionView) -> String {
    "\(connection.detail.serial) \(connection.client) \(connection.server) \(connection.standing)"
  }

  private static func text(_ snapshot: Snapshot) -> [String] {
    var accounts = snapshot.accounts
    // For alerts, of which a file has none.
    accounts.aged = nil
    return [
      ordered(snapshot.ingest), ordered(accounts), ordered(snapshot.causes), ordered(snapshot.timeWaitSeries),
      states(accounts.client), states(accounts.server), accounts.services.map { states($0.client) }.description,
      "\(snapshot.table.used) \(snapshot.table.halfOpen) \(snapshot.table.evicted)",
      "\(snapshot.exchanges) \(snapshot.first as Any) \(snapshot.last as Any)",
    ]
  }

  private static func states(_ counts: PhaseCounts) -> String { Phase.allCases.map { counts[$0] }.description }

  /// As text that does not depend on the order of dictionaries.
  private static func ordered(_ value: Any) -> String {
    let mirror = Mirror(reflecting: value)
    guard !mirror.children.isEmpty else { return "\(value)" }
    let parts = mirror.children.map { child in "\(child.label ?? ""): \(ordered(child.value))" }
    let isUnordered = mirror.displayStyle == .dictionary || mirror.displayStyle == .set
    return "[" + (isUnordered ? parts.sorted() : parts).joined(separator: ", ") + "]"
  }
}

extension RandomFrames {
  fileprivate func forEachBatch(_ body: (RawSpan, Span<FrameRecord>) -> Void) {
    for start in stride(from: 0, to: frames.count, by: 100) {
      unsafe body(octets.span.bytes, frames.span.extracting(start..<min(start + 100, frames.count)))
    }
  }
}

extension String.StringInterpolation {
  fileprivate mutating func appendInterpolation(as value: Any?) { appendInterpolation(String(describing: value)) }
}
