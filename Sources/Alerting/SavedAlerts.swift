import PacketDecoding

/// What has to outlive the daemon, so that nothing fires twice and nothing is forgotten. Moments are of the wall clock.
package struct SavedAlerts: Codable, Sendable {
  package static let currentVersion = 1

  package var version = SavedAlerts.currentVersion
  var instances: [Instance] = []
  /// When instances fired whose rule has a minimum interval.
  var lastFired: [Firing] = []
  var resolved: [AlertStatus] = []

  package init() {}

  struct Rule: Codable, Equatable, Sendable {
    var name: String
    var metric: String
    var side: String
    var by: String
    /// Everything that decides what is watched.
    var identity: String
  }

  struct Instance: Codable, Sendable {
    var rule: Rule
    var subject: AlertSubject
    var id: String
    var levels: [Level]
    var value: Double
    var peak: Double
    var since: Timestamp
    var firedAt: Timestamp?
    var summary: String
    var evidence: AlertEvidence
    var capture: String?
  }

  struct Level: Codable, Sendable {
    var severity: Severity
    var raise: Double
    var clear: Double
    var phase: SavedPhase
  }

  struct Firing: Codable, Sendable {
    var rule: Rule
    var subject: AlertSubject
    var at: Timestamp
  }
}

enum SavedPhase: Codable, Sendable {
  case inactive
  case pending(since: Timestamp)
  case firing(below: Timestamp?)
}

extension AlertRule {
  var saved: SavedAlerts.Rule {
    let services = filter.services.map(\.text).joined(separator: ",")
    let peers = filter.peers.map(\.description).joined(separator: ",")
    var parts = [
      name, metric.rawValue, side.rawValue, by.rawValue, direction.rawValue, baseline == nil ? "" : "baseline",
      services, filter.units.joined(separator: ","), peers,
    ]
    if olderThan > .zero { parts.append("older than \(olderThan.nanoseconds)") }
    return SavedAlerts.Rule(
      name: name,
      metric: metric.rawValue,
      side: side.rawValue,
      by: by.rawValue,
      identity: parts.joined(separator: "|")
    )
  }

  /// As much of a rule as an alert needs that only ends; nil for a metric that is no more.
  init?(_ saved: SavedAlerts.Rule, _ instance: SavedAlerts.Instance) {
    guard let metric = AlertMetric(rawValue: saved.metric), let side = Side(rawValue: saved.side),
      let grouping = Grouping(rawValue: saved.by), let level = instance.levels.first
    else { return nil }
    self.init(name: saved.name, metric: metric, side: side, by: grouping, raise: level.raise, clear: level.clear)
    severity = level.severity
  }
}

/// Two clocks at one moment: what is kept in the one is written down in the other.
struct ClockPair {
  let now: Instant
  let wallClock: Timestamp

  func wallClock(of moment: Instant) -> Timestamp {
    Timestamp(nanoseconds: wallClock.nanoseconds &- (now - moment).nanoseconds)
  }

  /// A moment that lies ahead, because the wall clock was put back, is taken for now.
  func instant(of time: Timestamp) -> Instant {
    Instant(nanoseconds: now.nanoseconds &- max(wallClock.nanoseconds &- time.nanoseconds, 0))
  }

  func saved(_ phase: AlertPhase) -> SavedPhase {
    switch phase {
    case .inactive: .inactive
    case .pending(let since): .pending(since: wallClock(of: since))
    case .firing(let below): .firing(below: below.map(wallClock(of:)))
    }
  }

  func phase(_ saved: SavedPhase) -> AlertPhase {
    switch saved {
    case .inactive: .inactive
    case .pending(let since): .pending(since: instant(of: since))
    case .firing(let below): .firing(below: below.map(instant(of:)))
    }
  }
}
