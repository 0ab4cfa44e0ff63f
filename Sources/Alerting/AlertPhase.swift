package import PacketDecoding

/// Where one instance of a rule stands. Inactive ones are not kept; resolved ones are history.
package enum AlertPhase: Sendable, Equatable {
  case inactive
  /// At or over `raise` since then, not yet long enough.
  case pending(since: Instant)
  /// `below`: since when the value has been under `clear`.
  case firing(below: Instant?)
}

/// A value, seen from the thresholds of a rule.
package enum AlertLevel: Sendable, CaseIterable {
  /// Not known: changes nothing, since no data is no proof that all is well.
  case missing
  case low
  /// Neither high enough to fire nor low enough to clear.
  case between
  case high

  package init(_ value: Double?, rule: AlertRule) {
    guard let value, !value.isNaN else {
      self = .missing
      return
    }
    self = value >= rule.raise ? .high : value < rule.clear ? .low : .between
  }
}

extension AlertPhase {
  /// What a look at the value changes. The whole life of an alert, one line per edge:
  ///
  ///     inactive ──high──► pending ──high for `for`──► firing ──low for `keep_firing_for`──► inactive (resolved)
  ///                           └──────low, between──────► inactive
  package func next(_ level: AlertLevel, at now: Instant, rule: AlertRule) -> AlertPhase {
    switch (self, level) {
    case (.inactive, .high): AlertPhase.pending(since: now).ripened(at: now, rule: rule)
    case (.inactive, .low), (.inactive, .between), (.inactive, .missing): .inactive

    case (.pending, .high): ripened(at: now, rule: rule)
    case (.pending, .low), (.pending, .between): .inactive
    case (.pending, .missing): self

    case (.firing(let below), .low): AlertPhase.firing(below: below ?? now).ripened(at: now, rule: rule)
    case (.firing, .between), (.firing, .high): .firing(below: nil)
    case (.firing, .missing): self
    }
  }

  /// Moves on when what it waits for has lasted long enough.
  private func ripened(at now: Instant, rule: AlertRule) -> AlertPhase {
    switch self {
    case .pending(let since): now - since >= rule.hold ? .firing(below: nil) : self
    case .firing(let below?): now - below >= rule.keepFiringFor ? .inactive : self
    case .firing(nil), .inactive: self
    }
  }

  package var isFiring: Bool {
    if case .firing = self { true } else { false }
  }
}
