package import PacketDecoding

/// When to raise an alert, and when to take it back.
package struct AlertRule: Sendable, Equatable {
  package var name: String
  package var metric: AlertMetric
  package var side: Side
  package var by: Grouping
  /// Fires at this value or more, held for `hold`.
  package var raise: Double
  /// Clears below this value, held for `keepFiringFor`. Lower than `raise`, so that a value at the edge does not flap.
  package var clear: Double
  /// `for` in the configuration.
  package var hold: Seconds
  package var keepFiringFor: Seconds
  package var severity: Severity

  package init(
    name: String,
    metric: AlertMetric,
    side: Side? = nil,
    by: Grouping = .host,
    raise: Double,
    clear: Double? = nil,
    hold: Seconds = AlertRule.defaultHold,
    keepFiringFor: Seconds = AlertRule.defaultKeepFiringFor,
    severity: Severity = .warning
  ) {
    self.name = name
    self.metric = metric
    self.side = side ?? metric.defaultSide
    self.by = by
    self.raise = raise
    self.clear = clear ?? Self.defaultClear(of: raise)
    self.hold = hold
    self.keepFiringFor = keepFiringFor
    self.severity = severity
  }

  package static let defaultHold = Seconds(5)
  package static let defaultKeepFiringFor = Seconds(30)

  /// 80 % of where it raises.
  package static func defaultClear(of raise: Double) -> Double { raise * 4 / 5 }

  /// On when nothing is configured: the pile of TIME_WAIT that sockets run out of.
  package static let timeWait = AlertRule(name: "time-wait", metric: .timeWait, side: .local, raise: 300, clear: 240)

  /// Whether both watch the same figures, so that what was learned under one holds under the other.
  func watchesSame(as other: AlertRule) -> Bool {
    name == other.name && metric == other.metric && side == other.side && by == other.by
  }
}

extension AlertRule {
  /// Whose end of a connection counts.
  package enum Side: String, CaseIterable, Sendable {
    /// Ends with a socket on this host. Unknown while nobody said what is local.
    case local
    /// The far ends of connections that this host takes part in.
    case remote
    /// Both ends of connections that only pass through.
    case transit
    case client
    case server
    /// Both ends of every connection.
    case any

    /// Whether it can be told only when it is known what is local.
    var needsLocality: Bool {
      switch self {
      case .local, .remote, .transit: true
      case .client, .server, .any: false
      }
    }
  }

  /// What the values are added up by: one instance of the alert for each.
  package enum Grouping: String, CaseIterable, Sendable {
    case host
    /// The server's address and port.
    case service
    /// The client's address.
    case peer
    /// Who holds the sockets of this host: a systemd unit or a container.
    case unit
  }
}
