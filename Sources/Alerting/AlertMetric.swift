package import ConnectionTracking

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
  /// Packets that capture lost, of all it should have seen since the reading before.
  case captureDropPercent = "capture_drop_percent"
}

extension AlertMetric {
  /// Where a metric's figures come from.
  package enum Source: Sendable, Equatable {
    /// Ends in these states now.
    case ends([Phase])
    /// Events since the reading before, per second.
    case rate(Event)
    /// Dropped packets since the reading before, in percent.
    case captureDrops
  }

  /// What happens to connections. A side is the end that does it: the client opens, the server refuses.
  package enum Event: Sendable {
    case open, close, reset, refusal
  }

  struct Definition {
    var source: Source
    /// As a sentence counts it: `312 TIME_WAIT`, `20 resets/s`.
    var noun: String
    var groupings: [AlertRule.Grouping]
    var sides: [AlertRule.Side] = AlertRule.Side.allCases
  }

  var definition: Definition {
    switch self {
    case .timeWait:
      Definition(source: .ends([.timeWait]), noun: "TIME_WAIT", groupings: [.host, .service, .peer, .unit])
    case .closeWait: Definition(source: .ends([.closeWait]), noun: "CLOSE_WAIT", groupings: [.host, .service, .unit])
    case .halfOpen:
      Definition(source: .ends([.synSent, .synReceived]), noun: "half-open", groupings: [.host, .service, .unit])
    case .finWait2: Definition(source: .ends([.finWait2]), noun: "FIN_WAIT_2", groupings: [.host, .service, .unit])
    case .established:
      Definition(source: .ends([.established]), noun: "ESTABLISHED", groupings: [.host, .service, .unit])
    case .opensPerSecond: Definition(source: .rate(.open), noun: "opens/s", groupings: [.host, .service, .peer])
    case .closesPerSecond: Definition(source: .rate(.close), noun: "closes/s", groupings: [.host, .service, .peer])
    case .resetsPerSecond: Definition(source: .rate(.reset), noun: "resets/s", groupings: [.host, .service])
    case .refusalsPerSecond: Definition(source: .rate(.refusal), noun: "refusals/s", groupings: [.host, .service])
    case .captureDropPercent:
      Definition(source: .captureDrops, noun: "% of packets lost by capture", groupings: [.host], sides: [.any])
    }
  }

  /// What its figures can be counted by; accounting keeps fewer figures per peer than per service.
  package var groupings: [AlertRule.Grouping] { definition.groupings }
  package var sides: [AlertRule.Side] { definition.sides }
  package var defaultSide: AlertRule.Side { sides.contains(.local) ? .local : .any }
  package var isPercent: Bool { definition.source == .captureDrops }
}
