package import PacketDecoding

/// When to raise an alert, and when to take it back.
package struct AlertRule: Sendable, Equatable {
  package var name: String
  package var metric: AlertMetric
  package var side: Side
  package var by: Grouping
  /// Which connections count.
  package var filter = AlertFilter()
  package var direction: Direction
  /// From the mildest to the worst; at least one.
  package private(set) var levels: [AlertThreshold]
  /// After it fired, the next firing for the same thing comes no sooner.
  package var minInterval = Seconds.zero
  /// Over how long events are counted; of no matter for metrics that are read at a moment.
  package var window: Seconds
  /// Only ends count that have waited for as long; zero for all.
  package var olderThan = Seconds.zero
  /// A share of fewer is none.
  package var atLeast: Int
  /// When thresholds are multiples of what is usual.
  package var baseline: AlertBaseline?

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
    direction = metric.defaultDirection
    window = metric.defaultWindow ?? .zero
    atLeast = metric.defaultAtLeast ?? 0
    levels = [
      AlertThreshold(
        severity: severity,
        raise: raise,
        clear: clear ?? metric.defaultDirection.clear(of: raise),
        hold: hold,
        keepFiringFor: keepFiringFor
      )
    ]
  }

  package static let defaultHold = Seconds(5)
  package static let defaultKeepFiringFor = Seconds(30)

  /// On when nothing is configured: the pile of TIME_WAIT that sockets run out of.
  package static let timeWait = AlertRule(name: "time-wait", metric: .timeWait, side: .local, raise: 300, clear: 240)

  /// Replaces the thresholds; an empty list changes nothing.
  package mutating func setLevels(_ new: [AlertThreshold]) {
    guard !new.isEmpty else { return }
    levels = new.sorted { $0.severity < $1.severity }
  }

  /// The mildest level: where the alert begins, and where it ends.
  var mildest: AlertThreshold {
    get { levels[0] }
    set { levels[0] = newValue }
  }

  package var raise: Double {
    get { mildest.raise }
    set { mildest.raise = newValue }
  }

  package var clear: Double {
    get { mildest.clear }
    set { mildest.clear = newValue }
  }

  package var hold: Seconds {
    get { mildest.hold }
    set { mildest.hold = newValue }
  }

  package var keepFiringFor: Seconds {
    get { mildest.keepFiringFor }
    set { mildest.keepFiringFor = newValue }
  }

  package var severity: Severity {
    get { mildest.severity }
    set { mildest.severity = newValue }
  }

  /// Whether both watch the same figures, so that what was learned under one holds under the other.
  func watchesSame(as other: AlertRule) -> Bool {
    name == other.name && metric == other.metric && side == other.side && by == other.by && filter == other.filter
      && olderThan == other.olderThan && direction == other.direction && (baseline == nil) == (other.baseline == nil)
  }
}

/// One level of a rule.
package struct AlertThreshold: Sendable, Equatable {
  package var severity: Severity
  /// Fires at this value or beyond, held for `hold`.
  package var raise: Double
  /// Clears short of this value, held for `keepFiringFor`. Short of `raise`, so that a value at the edge does not flap.
  package var clear: Double
  /// `for` in the configuration.
  package var hold: Seconds
  package var keepFiringFor: Seconds

  package init(severity: Severity, raise: Double, clear: Double, hold: Seconds, keepFiringFor: Seconds) {
    self.severity = severity
    self.raise = raise
    self.clear = clear
    self.hold = hold
    self.keepFiringFor = keepFiringFor
  }
}

/// Thresholds as multiples of the median of the last while.
package struct AlertBaseline: Sendable, Equatable {
  /// How far back the usual is looked for.
  package var over: Seconds
  /// Less than this is never raised at, however little is usual.
  package var floor: Double

  package init(over: Seconds, floor: Double) {
    self.over = over
    self.floor = floor
  }
}

extension AlertRule {
  /// Where the bad values are.
  package enum Direction: String, CaseIterable, Sendable {
    case above, below

    /// Where a rule clears that does not say: a fifth short of where it raises.
    package func clear(of raise: Double) -> Double {
      switch self {
      case .above: raise * 4 / 5
      case .below: raise * 5 / 4
      }
    }

    /// Whether `value` is as bad as `limit`, or worse.
    func reaches(_ value: Double, _ limit: Double) -> Bool {
      switch self {
      case .above: value >= limit
      case .below: value <= limit
      }
    }

    /// The worse of two.
    func worse(_ a: Double, _ b: Double) -> Double {
      switch self {
      case .above: max(a, b)
      case .below: min(a, b)
      }
    }
  }

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
    /// The same, of servers elsewhere that this host is a client of.
    case destination
    /// The client's address.
    case peer
    /// Who holds the sockets of this host: a systemd unit or a container.
    case unit
  }
}
