package import PacketDecoding

extension AlertEvaluator {
  private static let savedResolved = 100

  /// Everything that the next run of the daemon has to know.
  package func saved(at now: Instant, wallClock: Timestamp) -> SavedAlerts {
    let clocks = ClockPair(now: now, wallClock: wallClock)
    var saved = SavedAlerts()
    for watch in watches {
      let rule = watch.rule.saved
      saved.instances += watch.all.map { SavedAlerts.Instance($0, rule, clocks) }
      saved.lastFired += watch.lastFired.map {
        SavedAlerts.Firing(rule: rule, subject: $0.key, at: clocks.wallClock(of: $0.value))
      }
    }
    // Their end has not been told yet.
    saved.instances += orphans.map { SavedAlerts.Instance($0.instance, $0.rule.saved, clocks) }
    saved.resolved = resolved.suffix(Self.savedResolved).map(\.status)
    return saved
  }

  /// Goes on from an earlier run: what was pending or firing still is, until readings say otherwise. What fires under a
  /// rule that is gone clears at the next evaluation.
  package mutating func restore(_ saved: SavedAlerts, at now: Instant, wallClock: Timestamp) {
    let clocks = ClockPair(now: now, wallClock: wallClock)
    let numbers = Dictionary(watches.enumerated().map { ($0.element.rule.saved.identity, $0.offset) }) { first, _ in
      first
    }
    for old in saved.instances {
      var instance = AlertInstance(old, clocks)
      guard !instance.isInactive else { continue }
      if let number = numbers[old.rule.identity] {
        instance.adopt(watches[number].rule.levels)
        watches[number].restore(instance)
      } else if instance.fired != nil, let rule = AlertRule(old.rule, old) {
        orphans.append(Orphan(rule: rule, instance: instance))
      }
    }
    for firing in saved.lastFired {
      guard let number = numbers[firing.rule.identity] else { continue }
      watches[number].restore(lastFired: clocks.instant(of: firing.at), of: firing.subject)
    }
    resolved += saved.resolved.map { Resolved(status: $0, at: clocks.instant(of: $0.resolvedAt ?? wallClock)) }
  }
}

extension SavedAlerts.Instance {
  fileprivate init(_ instance: AlertInstance, _ rule: SavedAlerts.Rule, _ clocks: ClockPair) {
    self.init(
      rule: rule,
      subject: instance.subject,
      id: instance.id,
      levels: zip(instance.thresholds, instance.phases).map { threshold, phase in
        SavedAlerts.Level(
          severity: threshold.severity,
          raise: threshold.raise,
          clear: threshold.clear,
          phase: clocks.saved(phase)
        )
      },
      value: instance.value,
      peak: instance.peak,
      since: instance.since,
      firedAt: instance.fired?.wallClock,
      summary: instance.summary,
      evidence: instance.evidence,
      capture: instance.capture
    )
  }
}

extension AlertInstance {
  fileprivate init(_ saved: SavedAlerts.Instance, _ clocks: ClockPair) {
    self.init(
      subject: saved.subject,
      id: saved.id,
      phases: saved.levels.map { clocks.phase($0.phase) },
      thresholds: saved.levels.map { level in
        AlertThreshold(
          severity: level.severity,
          raise: level.raise,
          clear: level.clear,
          hold: .zero,
          keepFiringFor: .zero
        )
      },
      value: saved.value,
      since: saved.since
    )
    peak = saved.peak
    fired = saved.firedAt.map { (clocks.instant(of: $0), $0) }
    summary = saved.summary
    evidence = saved.evidence
    capture = saved.capture
  }
}
