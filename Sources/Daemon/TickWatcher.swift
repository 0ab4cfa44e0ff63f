internal import ConnectionTracking
internal import Glibc
internal import KernelSockets
internal import PacketDecoding

/// Finds out when the kernel's timer wheel takes TIME_WAITs away.
///
/// At the start some may be over, and wait for the next tick: when they are gone from the kernel's table, that was it.
struct TickWatcher: Sendable {
  private let period: Seconds
  private let span: Seconds
  /// TIME_WAITs that are over.
  private let witnesses: [(local: Endpoint, remote: Endpoint)]
  /// By then the next tick has been; nil when nobody waits for it.
  let limit: Instant?

  private static let timeWait = Seconds(60)
  /// One of them may be ended by a packet; not all.
  private static let witnessCount = 4
  private static let pause: useconds_t = 5000
  private static let slack = Seconds(nanoseconds: 50_000_000)

  /// Nil when this kernel does not tell how it counts time.
  init?() {
    guard let hertz = KernelTimer.hertz,
      let period = TimerWheel.period(of: Self.timeWait, hertz: hertz),
      let span = TimerWheel.shortestSpan(onGridOf: Self.timeWait, hertz: hertz)
    else { return nil }
    self.period = period
    self.span = span
    witnesses = (try? Self.overdue()) ?? []
    limit = witnesses.isEmpty ? nil : MonotonicClock.now() + period + Self.slack
  }

  private static func overdue() throws(SystemError) -> [(local: Endpoint, remote: Endpoint)] {
    var diagnostics = try SocketDiagnostics()
    var found: [(local: Endpoint, remote: Endpoint)] = []
    _ = try diagnostics.dump(.timeWait) { socket in
      guard socket.timer == .timeWait, socket.expiresMilliseconds == 0, found.count < witnessCount else { return }
      found.append((socket.local, socket.remote))
    }
    return found
  }

  /// Waits until those that were over are gone.
  ///
  /// - Returns: nil when there were none, or when they had gone before they were looked at.
  func watch() throws(SystemError) -> TimerWheel? {
    guard let limit else { return nil }
    var diagnostics = try SocketDiagnostics()
    var left = try Self.still(witnesses, &diagnostics)
    guard !left.isEmpty else { return nil }
    while !left.isEmpty {
      guard MonotonicClock.now() < limit else { return nil }
      usleep(Self.pause)
      left = try Self.still(left, &diagnostics)
    }
    return TimerWheel(period: period, tick: MonotonicClock.now())
  }

  private static func still(
    _ witnesses: [(local: Endpoint, remote: Endpoint)],
    _ diagnostics: inout SocketDiagnostics
  ) throws(SystemError) -> [(local: Endpoint, remote: Endpoint)] {
    var left: [(local: Endpoint, remote: Endpoint)] = []
    for witness in witnesses {
      let socket = try diagnostics.find(local: witness.local, remote: witness.remote)
      if socket?.state == .timeWait, socket?.expiresMilliseconds == 0 { left.append(witness) }
    }
    return left
  }

  /// Waits for a timer on the same grid.
  func measure() throws(SystemError) -> TimerWheel? {
    TimerWheel(period: period, tick: try KernelTimer.waitForTick(after: span))
  }
}
