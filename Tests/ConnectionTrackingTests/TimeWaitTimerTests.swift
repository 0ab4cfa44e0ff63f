import ConnectionTracking
import PacketDecoding
import Testing

/// TIME_WAITs of one server that the kernel's table tells of.
private struct TimeWaits: ~Copyable {
  var tracker: Tracker
  var recorder = Recorder()
  let start = Instant(nanoseconds: 1_000_000_000_000)
  private let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 80)

  /// - Parameter left: milliseconds that each has left.
  init(_ timer: TimeWaitTimer, left: [Int64]) {
    var settings = TrackerSettings(capacity: 1000)
    settings.localAddresses = LocalAddresses(addresses: [server.address], networks: [])
    settings.timer = timer
    tracker = Tracker(settings: settings)
    for (number, milliseconds) in left.enumerated() { _ = read(number, left: milliseconds, reading: 1, after: 0) }
  }

  /// A reading has one of them.
  ///
  /// - Parameter left: milliseconds from the start.
  mutating func read(_ number: Int, left: Int64, reading: UInt16, after milliseconds: Int64) -> TableFinding {
    let entry = SocketEntry(
      local: server,
      remote: Endpoint(address: IPAddress(ipv4: 0x0A00_0002), port: UInt16(40000 + number)),
      phase: .timeWait,
      expiry: moment(left),
      role: .server
    )
    return tracker.compare(
      entry,
      in: TableReading(number: reading, began: start),
      at: moment(milliseconds),
      time: Timestamp(nanoseconds: 0),
      observer: &recorder
    )
  }

  static func milliseconds(_ count: Int64) -> Seconds { Seconds(nanoseconds: count * 1_000_000) }

  func moment(_ milliseconds: Int64) -> Instant { start + Self.milliseconds(milliseconds) }

  /// How many there are, and how many of them are over.
  mutating func count(after milliseconds: Int64) -> [Int] {
    tracker.advance(to: moment(milliseconds), observer: &recorder)
    let overdue = tracker.overdueTimeWaits(at: moment(milliseconds))
    return [recorder.standings.count { $0.serverPhase == .timeWait }] + overdue
  }
}

@Suite struct TimeWaitTimerTests {
  private static let origin = Instant(nanoseconds: 1_000_000_000_000)

  private static func wheel(tickAfter milliseconds: Int64) throws -> TimerWheel {
    let tick = origin + TimeWaits.milliseconds(milliseconds)
    return try #require(TimerWheel(period: Seconds(2), tick: tick))
  }

  @Test("Without a timer wheel nothing is over and still there")
  func exact() {
    var timeWaits = TimeWaits(.exact, left: [0, 1000, 5000])
    #expect(timeWaits.count(after: 0) == [2, 0])
    #expect(timeWaits.count(after: 1000) == [1, 0])
    #expect(timeWaits.count(after: 5000) == [0, 0])
  }

  @Test("What is over stays to the next tick of the wheel, and is told apart, also what was read as over")
  func wheel() throws {
    var timeWaits = TimeWaits(.wheel(try Self.wheel(tickAfter: 1500)), left: [0, 1000, 1400, 1600, 3400, 60_000])
    #expect(timeWaits.count(after: 0) == [6, 1])
    #expect(timeWaits.count(after: 1000) == [6, 2])
    #expect(timeWaits.count(after: 1499) == [6, 3])
    #expect(timeWaits.count(after: 1500) == [3, 0])
    #expect(timeWaits.count(after: 1600) == [3, 1])
    #expect(timeWaits.count(after: 3500) == [1, 0])
  }

  @Test("What went with the tick is not another connection when a reading that is late has it still")
  func lateReading() throws {
    var timeWaits = TimeWaits(.wheel(try Self.wheel(tickAfter: 1500)), left: [1000])
    #expect(timeWaits.count(after: 1600) == [0, 0])
    #expect(timeWaits.read(0, left: 1510, reading: 2, after: 1600) == .expired)
    #expect(timeWaits.read(0, left: 1740, reading: 2, after: 1600) == .expired)
    #expect(timeWaits.recorder.standings.count == 1)
    #expect(timeWaits.read(0, left: 1900, reading: 2, after: 1600) == .adopted)
  }

  @Test("A reading of what is over does not keep it for another tick")
  func lateReadingOfOneThatIsThere() throws {
    var timeWaits = TimeWaits(.wheel(try Self.wheel(tickAfter: 1500)), left: [1000])
    #expect(timeWaits.read(0, left: 1510, reading: 2, after: 1600) == .agrees)
    #expect(timeWaits.count(after: 1600) == [0, 0])
  }

  @Test("Until the first tick is seen all that are over stay, and go with it")
  func waiting() throws {
    var timeWaits = TimeWaits(.waiting(until: Self.origin + Seconds(2)), left: [0, 500, 1500, 1800, 30_000])
    #expect(timeWaits.count(after: 0) == [5, 1])
    #expect(timeWaits.count(after: 1000) == [5, 2])
    let wheel = TimeWaitTimer.wheel(try Self.wheel(tickAfter: 1000))
    timeWaits.tracker.setTimer(wheel, at: timeWaits.moment(1005), observer: &timeWaits.recorder)
    #expect(timeWaits.count(after: 1005) == [3, 0])
    #expect(timeWaits.count(after: 2500) == [3, 2])
    #expect(timeWaits.count(after: 3000) == [1, 0])
  }

  @Test("A tick that becomes known better does not hide those that wait for it")
  func better() throws {
    var timeWaits = TimeWaits(.wheel(try Self.wheel(tickAfter: 1110)), left: [500, 1500])
    let wheel = TimeWaitTimer.wheel(try Self.wheel(tickAfter: 1100))
    timeWaits.tracker.setTimer(wheel, at: timeWaits.moment(400), observer: &timeWaits.recorder)
    #expect(timeWaits.count(after: 600) == [2, 1])
    #expect(timeWaits.count(after: 1120) == [1, 0])
  }

  @Test("A tick that is not seen is over when it must have been")
  func unseen() {
    var timeWaits = TimeWaits(.waiting(until: Self.origin + Seconds(2)), left: [0, 500, 2500])
    #expect(timeWaits.count(after: 1999) == [3, 2])
    #expect(timeWaits.count(after: 2000) == [1, 0])
    #expect(timeWaits.count(after: 2500) == [0, 0])
  }
}
