package import PacketDecoding

/// Where one level of one instance of a rule stands. Inactive instances are not kept; resolved ones are history.
package enum AlertPhase: Sendable, Equatable {
  case inactive
  /// At `raise` or beyond since then, not yet long enough.
  case pending(since: Instant)
  /// `below`: since when the value has been short of `clear`.
  case firing(below: Instant?)
}

/// A value, seen from the thresholds of a rule.
package enum AlertLevel: Sendable, CaseIterable {
  /// Not known: changes nothing, since no data is no proof that all is well.
  case missing
  case low
  /// Neither bad enough to fire nor good enough to clear.
  case between
  case high

  package init(_ value: Double?, _ threshold: AlertThreshold, _ direction: AlertRule.Direction) {
    guard let value, !value.isNaN else {
      self = .missing
      return
    }
    if direction.reaches(value, threshold.raise) {
      self = .high
    } else {
      self = direction.reaches(value, threshold.clear) ? .between : .low
    }
  }
}

extension AlertPhase {
  /// What a look at the value changes. The whole life of an alert, one line per edge:
  ///
  ///     inactive ──high──► pending ──high for `for`──► firing ──low for `keep_firing_for`──► inactive (resolved)
  ///                           └──────low, between──────► inactive
  ///
  /// - Parameter mayFire: false within `min_interval` of the firing before: it stays pending.
  package func next(
    _ level: AlertLevel,
    at now: Instant,
    _ threshold: AlertThreshold,
    mayFire: Bool = true
  ) -> AlertPhase {
    switch (self, level) {
    case (.inactive, .high): AlertPhase.pending(since: now).ripened(at: now, threshold, mayFire)
    case (.inactive, .low), (.inactive, .between), (.inactive, .missing): .inactive

    case (.pending, .high): ripened(at: now, threshold, mayFire)
    case (.pending, .low), (.pending, .between): .inactive
    case (.pending, .missing): self

    case (.firing(let below), .low): AlertPhase.firing(below: below ?? now).ripened(at: now, threshold, mayFire)
    case (.firing, .between), (.firing, .high): .firing(below: nil)
    case (.firing, .missing): self
    }
  }

  /// Moves on when what it waits for has lasted long enough.
  private func ripened(at now: Instant, _ threshold: AlertThreshold, _ mayFire: Bool) -> AlertPhase {
    switch self {
    case .pending(let since): mayFire && now - since >= threshold.hold ? .firing(below: nil) : self
    case .firing(let below?): now - below >= threshold.keepFiringFor ? .inactive : self
    case .firing(nil), .inactive: self
    }
  }

  package var isFiring: Bool {
    if case .firing = self { true } else { false }
  }
}
