package import PacketDecoding

/// The ports that one local address holds towards one destination: each may be used there once at a time, and a TIME_WAIT
/// holds it like an open connection.
package struct PortUse: Sendable, Equatable {
  package var address: IPAddress
  package var destination: Endpoint
  /// Held by sockets that are not in TIME_WAIT, and by those that are.
  package var held = 0
  package var timeWait = 0
  /// Connections that were refused, and SYNs that nobody answered, since start.
  package var refused = 0
  package var unanswered = 0
  /// Per second, over the last samples; nil before there are enough.
  package var heldGrowth: Double?
  package var timeWaitGrowth: Double?
  package var closesPerSecond: Double?

  package init(address: IPAddress, destination: Endpoint) {
    self.address = address
    self.destination = destination
  }

  package var used: Int { held + timeWait }
}

/// What the use of ports comes to when it goes on as it does.
package struct PortForecast: Sendable, Equatable {
  package var limit: Int
  /// 0 to 1.
  package var share: Double
  /// Ports held once as many come free as are taken; nil without a rate.
  package var steadyState: Double?
  /// Until no port is left; nil when that will not come.
  package var secondsToExhaustion: Double?
  /// Connections per second that the ports allow when the client holds the TIME_WAIT.
  package var ceilingPerSecond: Double

  private static let timeWaitSeconds = 60.0
  /// Slower growth is noise.
  private static let leastGrowth = 0.2

  /// - Parameters:
  ///   - limit: ports that connect(2) may take.
  ///   - reusesTimeWait: a new connection may take over a port in TIME_WAIT (tcp_tw_reuse).
  package init(_ use: PortUse, limit: Int, reusesTimeWait: Bool) {
    self.limit = limit
    let counted = reusesTimeWait ? use.held : use.used
    share = limit > 0 ? Double(counted) / Double(limit) : 1
    // A port in TIME_WAIT may be taken over after a second.
    ceilingPerSecond = Double(limit) / (reusesTimeWait ? 1 : Self.timeWaitSeconds)
    guard let heldGrowth = use.heldGrowth, let timeWaitGrowth = use.timeWaitGrowth, let closes = use.closesPerSecond
    else { return }
    let steadyTimeWait = reusesTimeWait ? 0 : closes * Self.timeWaitSeconds
    steadyState = Double(use.held) + steadyTimeWait
    let room = Double(limit - counted)
    guard room > 0 else {
      secondsToExhaustion = 0
      return
    }
    secondsToExhaustion = Self.seconds(
      room: room,
      heldGrowth: heldGrowth > Self.leastGrowth ? heldGrowth : 0,
      timeWaitGrowth: timeWaitGrowth > Self.leastGrowth && !reusesTimeWait ? timeWaitGrowth : 0,
      timeWaitToCome: max(steadyTimeWait - Double(use.timeWait), 0)
    )
  }

  /// TIME_WAIT grows until as many end as begin; what is held may grow for ever.
  private static func seconds(
    room: Double,
    heldGrowth: Double,
    timeWaitGrowth: Double,
    timeWaitToCome: Double
  ) -> Double? {
    let growth = heldGrowth + timeWaitGrowth
    guard growth > 0 else { return nil }
    let untilSteady = timeWaitGrowth > 0 ? timeWaitToCome / timeWaitGrowth : 0
    if room <= growth * untilSteady { return room / growth }
    guard heldGrowth > 0 else { return nil }
    return untilSteady + (room - growth * untilSteady) / heldGrowth
  }
}

/// The last samples of a port use, one a second.
struct PortHistory: Sendable {
  private var samples: [Sample] = []

  private struct Sample: Sendable {
    var at: Instant
    var held: Int
    var timeWait: Int
    var closes: Int
  }

  private static let span = Seconds(20)
  private static let shortestSpan = Seconds(3)

  mutating func add(held: Int, timeWait: Int, closes: Int, at now: Instant) {
    samples.append(Sample(at: now, held: held, timeWait: timeWait, closes: closes))
    let expired = samples.prefix { now - $0.at > Self.span }.count
    samples.removeFirst(expired)
  }

  /// Growth per second from the first to the last sample.
  var rates: (held: Double, timeWait: Double, closes: Double)? {
    guard let first = samples.first, let last = samples.last, last.at - first.at >= Self.shortestSpan else {
      return nil
    }
    let seconds = (last.at - first.at).value
    return (
      Double(last.held - first.held) / seconds, Double(last.timeWait - first.timeWait) / seconds,
      Double(last.closes - first.closes) / seconds
    )
  }
}
