package import PacketDecoding

/// Values of a rule in the past, at even steps; of the worst subjects, if there are many.
struct ValueHistory: Sendable {
  let step: Seconds
  let capacity: Int
  private(set) var samples: [Sample] = []

  struct Sample: Sendable {
    var at: Instant
    var values: [AlertSubject: Double]
  }

  private static let subjectLimit = 200

  mutating func add(_ values: [AlertSubject: Double], worstFirst: AlertRule.Direction, at now: Instant) {
    guard samples.last.map({ now - $0.at >= step }) ?? true else { return }
    var kept = values
    if values.count > Self.subjectLimit {
      let sorted = values.sorted { worstFirst == .above ? $0.value > $1.value : $0.value < $1.value }
      kept = Dictionary(uniqueKeysWithValues: sorted.prefix(Self.subjectLimit).map { ($0.key, $0.value) })
    }
    samples.append(Sample(at: now, values: kept))
    if samples.count > capacity { samples.removeFirst() }
  }

  /// What is usual for a subject; nil before enough is known. One that was not there had nothing.
  func median(of subject: AlertSubject) -> Double? {
    guard samples.count >= Self.leastSamples else { return nil }
    let sorted = samples.map { $0.values[subject] ?? 0 }.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  private static let leastSamples = 10

  func trend(of subject: AlertSubject, at now: Instant) -> [AlertEvidence.TrendPoint] {
    samples.compactMap { sample in
      sample.values[subject].map { AlertEvidence.TrendPoint(before: now - sample.at, value: $0) }
    }
  }
}

extension AlertEvidence {
  /// The value some time before the rule fired.
  package struct TrendPoint: Sendable, Equatable, Codable {
    package var before: Seconds
    package var value: Double

    package init(before: Seconds, value: Double) {
      self.before = before
      self.value = value
    }
  }
}
