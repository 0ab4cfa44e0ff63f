import PacketDecoding

/// Counts since start: so many, of so many where that matters.
struct Tally: Equatable, Sendable {
  var part = 0
  var whole = 0

  static func += (a: inout Tally, b: Tally) {
    a.part += b.part
    a.whole += b.whole
  }

  /// What came since `earlier`; a count that fell has begun anew.
  func since(_ earlier: Tally) -> Tally {
    Tally(part: max(0, part - earlier.part), whole: max(0, whole - earlier.whole))
  }
}

/// The counts of a rule over its window: a few samples, so that a figure is of the last while and not of the last second.
struct TallyWindow: Sendable {
  private var samples: [Sample] = []

  private struct Sample: Sendable {
    var at: Instant
    var tallies: [AlertSubject: Tally]
  }

  /// A window moves on in as many steps.
  private static let steps: Int64 = 10
  private static let shortestStep = Seconds(1)

  /// What came within the window, and over how long; nil before there are two readings.
  ///
  /// - Parameter isComplete: subjects that are not in a reading had none. Otherwise the list is cut, and nothing is known
  ///   of one before it is first listed.
  func growth(
    of tallies: [AlertSubject: Tally],
    isComplete: Bool,
    at now: Instant
  ) -> [AlertSubject: (tally: Tally, over: Seconds)]? {
    guard let oldest = samples.first, now > oldest.at else { return nil }
    return Dictionary(
      uniqueKeysWithValues: tallies.map { subject, tally in
        let base = isComplete ? oldest : samples.first { $0.tallies[subject] != nil }
        let earlier = base?.tallies[subject] ?? (isComplete ? Tally() : tally)
        return (subject, (tally.since(earlier), now - (base ?? oldest).at))
      }
    )
  }

  /// Forgets what is no longer within the window; one sample as old as the window stays.
  mutating func forget(before span: Seconds, at now: Instant) {
    while samples.count > 1, now - samples[1].at >= span { samples.removeFirst() }
  }

  mutating func add(_ tallies: [AlertSubject: Tally], over span: Seconds, at now: Instant) {
    let step = max(Seconds(nanoseconds: span.nanoseconds / Self.steps), Self.shortestStep)
    guard samples.last.map({ now - $0.at >= step }) ?? true else { return }
    samples.append(Sample(at: now, tallies: tallies))
  }
}
