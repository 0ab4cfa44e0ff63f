package import ConnectionTracking
package import PacketDecoding

/// A figure that a rule can watch. A new metric is a case here and a line in `definition`.
package enum AlertMetric: String, CaseIterable, Sendable {
  case timeWait = "time_wait"
  case closeWait = "close_wait"
  /// Ends that wait for a handshake: a client in SYN_SENT, a server in SYN_RECEIVED.
  case halfOpen = "half_open"
  case finWait2 = "fin_wait_2"
  case established
  case opensPerSecond = "opens_per_second"
  case closesPerSecond = "closes_per_second"
  /// Connections that an RST ended, counted for the end that closed first.
  case resetsPerSecond = "resets_per_second"
  /// Connections that an RST answered.
  case refusalsPerSecond = "refusals_per_second"
  /// Of the connections that closed, those that the ends of a side closed first.
  case closedFirstPercent = "closed_first_percent"
  /// Of the connections that ended and had an exchange, those that had more than one.
  case reusePercent = "reuse_percent"
  /// Requests that crossed the close of an idle connection.
  case reuseRaces = "reuse_races"
  case ephemeralPortsUsedPercent = "ephemeral_ports_used_percent"
  /// Until the last port towards a destination is taken, if it goes on like this.
  case exhaustionSeconds = "exhaustion_seconds"
  /// Packets that capture lost, of all it should have seen.
  case captureDropPercent = "capture_drop_percent"
  /// TIME_WAITs in which the model and the kernel differ.
  case modelDrift = "model_drift"
  case tableUsedPercent = "table_used_percent"
}

extension AlertMetric {
  /// Where a metric's figures come from.
  package enum Source: Sendable, Equatable {
    /// Ends in these states now.
    case ends([Phase])
    /// Events within the rule's window, per second.
    case rate(Event)
    /// Events within the rule's window.
    case events(Event)
    /// What part of a whole, both within the rule's window, in percent.
    case share(Share)
    case ports(Port)
    case modelDrift
    case tableUsed
  }

  /// What happens to connections. A side is the end that does it: the client opens, the server refuses.
  package enum Event: Sendable {
    case open, close, reset, refusal, reuseRace
  }

  package enum Share: Sendable {
    case closedFirst, reused, captureDrops
  }

  package enum Port: Sendable {
    case used, exhaustion
  }

  struct Definition {
    var source: Source
    /// As a sentence counts it: `312 TIME_WAIT`, `20 resets/s`.
    var noun: String
    var groupings: [AlertRule.Grouping]
    var sides: [AlertRule.Side] = AlertRule.Side.allCases
    var unit = ""
  }

  var definition: Definition {
    switch self {
    case .timeWait:
      Definition(source: .ends([.timeWait]), noun: "TIME_WAIT", groupings: Self.byEverything)
    case .closeWait: Definition(source: .ends([.closeWait]), noun: "CLOSE_WAIT", groupings: Self.byService + [.unit])
    case .halfOpen:
      Definition(source: .ends([.synSent, .synReceived]), noun: "half-open", groupings: Self.byService + [.unit])
    case .finWait2: Definition(source: .ends([.finWait2]), noun: "FIN_WAIT_2", groupings: Self.byService + [.unit])
    case .established:
      Definition(source: .ends([.established]), noun: "ESTABLISHED", groupings: Self.byService + [.unit])
    case .opensPerSecond: Definition(source: .rate(.open), noun: "opens/s", groupings: Self.byService + [.peer])
    case .closesPerSecond: Definition(source: .rate(.close), noun: "closes/s", groupings: Self.byService + [.peer])
    case .resetsPerSecond: Definition(source: .rate(.reset), noun: "resets/s", groupings: Self.byService)
    case .refusalsPerSecond: Definition(source: .rate(.refusal), noun: "refusals/s", groupings: Self.byService)
    case .closedFirstPercent:
      Definition(
        source: .share(.closedFirst),
        noun: "of closed connections closed first",
        groupings: Self.byService + [.peer],
        sides: [.local, .remote, .client, .server],
        unit: " %"
      )
    case .reusePercent:
      Definition(
        source: .share(.reused),
        noun: "of connections used more than once",
        groupings: Self.byService,
        sides: [.any],
        unit: " %"
      )
    case .reuseRaces:
      Definition(
        source: .events(.reuseRace),
        noun: "requests lost to a close",
        groupings: Self.byService,
        sides: [.any]
      )
    case .ephemeralPortsUsedPercent:
      Definition(
        source: .ports(.used),
        noun: "of ephemeral ports in use",
        groupings: [.host, .destination],
        sides: [.local],
        unit: " %"
      )
    case .exhaustionSeconds:
      Definition(
        source: .ports(.exhaustion),
        noun: "until ephemeral ports run out",
        groupings: [.host, .destination],
        sides: [.local],
        unit: " s"
      )
    case .captureDropPercent:
      Definition(
        source: .share(.captureDrops),
        noun: "of packets lost by capture",
        groupings: [.host],
        sides: [.any],
        unit: " %"
      )
    case .modelDrift:
      Definition(source: .modelDrift, noun: "TIME_WAIT apart from the kernel", groupings: [.host], sides: [.local])
    case .tableUsedPercent:
      Definition(
        source: .tableUsed,
        noun: "of the connection table used",
        groupings: [.host],
        sides: [.any],
        unit: " %"
      )
    }
  }

  private static let byService: [AlertRule.Grouping] = [.host, .service, .destination]
  private static let byEverything: [AlertRule.Grouping] = byService + [.peer, .unit]

  /// What its figures can be counted by; accounting keeps fewer figures per peer than per service.
  package var groupings: [AlertRule.Grouping] { definition.groupings }
  package var sides: [AlertRule.Side] { definition.sides }
  package var defaultSide: AlertRule.Side { sides.contains(.local) ? .local : .any }
  package var isPercent: Bool { definition.unit == " %" }

  /// What its connections can be chosen by.
  package var filters: [AlertFilter.Key] {
    var keys: [AlertFilter.Key] = []
    if groupings.contains(.destination) { keys.append(.service) }
    if groupings.contains(.service) { keys.append(.unit) }
    if groupings.contains(.peer) { keys.append(.peer) }
    return keys
  }

  package var source: Source { definition.source }

  /// Whether its ends wait for somebody to act, so that it matters how long they have.
  package var hasAge: Bool {
    if case .ends(let phases) = definition.source { phases.allSatisfy(\.waits) } else { false }
  }

  /// Little of it is what one wants to hear of: time left, reuse.
  package var defaultDirection: AlertRule.Direction {
    switch self {
    case .exhaustionSeconds, .reusePercent: .below
    default: .above
    }
  }

  /// Whether it is counted over a window of time, and how long that is unless the rule says otherwise.
  package var defaultWindow: Seconds? {
    switch definition.source {
    case .rate, .share(.captureDrops): Seconds(10)
    case .events, .share(.closedFirst), .share(.reused): Seconds(60)
    case .ends, .ports, .modelDrift, .tableUsed: nil
    }
  }

  /// Of how many at least a share is told, unless the rule says otherwise; nil for what is no share.
  package var defaultAtLeast: Int? {
    switch definition.source {
    case .share(.captureDrops): 1
    case .share: 20
    case .ends, .rate, .events, .ports, .modelDrift, .tableUsed: nil
    }
  }

  /// Its value with what it is counted in: `12 %`, `90 s`, `312`.
  func figure(_ value: Double) -> String {
    self == .exhaustionSeconds && value.isInfinite ? "no end" : FigureText.number(value) + definition.unit
  }
}
