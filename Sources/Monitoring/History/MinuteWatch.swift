package import PacketDecoding
package import StateAccounting

/// Each second of the last minutes, and the highest figures of the minute that is going on. It gives out each minute
/// once it is over.
///
/// It looks at a snapshot a second, on the capture thread: services are found by their number.
package struct MinuteWatch: Sendable {
  /// Of the host.
  package private(set) var seconds: [FigureSample] = []
  private var minute: Int64?
  private var host = FigureSample(time: Timestamp(nanoseconds: 0))
  private var services: [FigureSample] = []
  private var destinations: [PortUseKey: PortUse] = [:]
  private var watched = 0
  /// What had come and gone at the beginning of the minute, and of the second.
  private var minuteBase = FigureFlow()
  private var secondBase = FigureFlow()

  package static let keptSeconds = 900

  package init() {}

  /// What was there before the daemon neither comes nor goes in its time.
  package mutating func begin(_ snapshot: Snapshot) {
    minuteBase = FigureFlow(snapshot.accounts)
    secondBase = minuteBase
  }

  /// - Returns: the minute before, once a snapshot lies in another one. A clock that goes back leads to the same minute
  ///   twice.
  package mutating func add(_ snapshot: Snapshot) -> WatchedMinute? {
    guard let time = snapshot.time else { return nil }
    let over = minute == nil || minute == time.minute ? nil : finish(snapshot)
    if minute == nil { minute = time.minute }
    addSecond(snapshot, at: time)
    watched += 1
    host.raise(to: FigureSample(snapshot, at: time))
    let accounts = snapshot.accounts.services.span
    for index in accounts.indices {
      let number = accounts[index].number
      grow(to: number)
      services[number].raise(to: accounts[index])
    }
    for use in snapshot.accounts.portUses { destinations[PortUseKey(use), default: use].raise(to: use) }
    return over
  }

  /// Ends the minute that is going on; nil when nothing was seen of it.
  ///
  /// - Parameter snapshot: the last one: it says what has come and gone.
  package mutating func finish(_ snapshot: Snapshot) -> WatchedMinute? {
    let flow = FigureFlow(snapshot.accounts)
    defer {
      minute = nil
      minuteBase = flow
      host = FigureSample(time: Timestamp(nanoseconds: 0))
      services = []
      destinations = [:]
      watched = 0
    }
    guard let minute, watched > 0 else { return nil }
    var host = host
    host.time = Timestamp(minute: minute)
    host.flow = flow.since(minuteBase)
    return WatchedMinute(
      minute: minute,
      seconds: watched,
      host: host,
      services: services,
      destinations: Array(destinations.values),
      snapshot: snapshot
    )
  }

  /// The host's figures of the minute that is going on, so far.
  package var current: FigureSample? {
    guard let minute, watched > 0 else { return nil }
    var sample = host
    sample.time = Timestamp(minute: minute)
    sample.flow = secondBase.since(minuteBase)
    return sample
  }

  private mutating func addSecond(_ snapshot: Snapshot, at time: Timestamp) {
    var second = FigureSample(snapshot, at: time)
    let flow = FigureFlow(snapshot.accounts)
    second.flow = flow.since(secondBase)
    secondBase = flow
    if seconds.count >= Self.keptSeconds { seconds.removeFirst() }
    seconds.append(second)
  }

  private mutating func grow(to number: Int) {
    while services.count <= number { services.append(FigureSample(time: Timestamp(nanoseconds: 0))) }
  }
}

/// A minute that is over.
package struct WatchedMinute: Sendable {
  /// Since 1970.
  package var minute: Int64
  /// How many of its seconds were looked at.
  package var seconds: Int
  package var host: FigureSample
  /// The highest of each service, by its number; what came and went is in the snapshot.
  package var services: [FigureSample]
  package var destinations: [PortUse]
  /// At its end.
  package var snapshot: Snapshot

  package init(
    minute: Int64,
    seconds: Int,
    host: FigureSample,
    services: [FigureSample],
    destinations: [PortUse],
    snapshot: Snapshot
  ) {
    self.minute = minute
    self.seconds = seconds
    self.host = host
    self.services = services
    self.destinations = destinations
    self.snapshot = snapshot
  }
}

private struct PortUseKey: Hashable, Sendable {
  let address: IPAddress
  let destination: Endpoint

  init(_ use: PortUse) {
    address = use.address
    destination = use.destination
  }
}

extension PortUse {
  /// The fullest moment; what was refused since start is the latest.
  fileprivate mutating func raise(to other: PortUse) {
    held = max(held, other.held)
    timeWait = max(timeWait, other.timeWait)
    refused = max(refused, other.refused)
    unanswered = max(unanswered, other.unanswered)
  }
}

extension Timestamp {
  private static let perMinute: Int64 = 60_000_000_000

  package init(minute: Int64) {
    self.init(nanoseconds: minute &* Self.perMinute)
  }

  /// Whole minutes since 1970, towards the past.
  package var minute: Int64 {
    let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: Self.perMinute)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
