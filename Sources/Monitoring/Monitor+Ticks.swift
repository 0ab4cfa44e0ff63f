internal import CloseDiagnosis
internal import ConnectionTracking
package import PacketDecoding
internal import StateAccounting

/// What is done once a second.
extension Monitor {
  /// Meets deadlines and takes the samples that are due. Live, at least once a second.
  package mutating func tick(at now: Instant) {
    guard let due = nextSample else {
      books.forget(before: now)
      nextSample = now + Seconds(1)
      return
    }
    if keepsSeries { sampleGap(from: due, to: now) }
    tracker.advance(to: now, observer: &books)
    guard now >= due else { return }
    if keepsSeries { series.add(books.ledger.timeWaitSample(at: now)) }
    books.ledger.samplePeaks()
    books.ledger.samplePorts(at: now)
    books.giveBackQuiet()
    if surveysAtTicks { survey(slots: Self.surveyedPerTick, at: now) }
    books.forget(before: now)
    nextSample = now + Seconds(1)
  }

  /// Seconds without a packet: all TIME_WAITs have run out after so many.
  private static let busyPartOfGap = 62

  private mutating func sampleGap(from due: Instant, to now: Instant) {
    var moment = due
    for _ in 0..<Self.busyPartOfGap where moment < now {
      tracker.advance(to: moment, observer: &books)
      series.add(books.ledger.timeWaitSample(at: moment))
      moment = moment + Seconds(1)
    }
  }

  /// The last sample of a file, so that a short one has its peaks too.
  package mutating func finish() {
    books.ledger.samplePeaks()
    books.diagnosis.decideAll()
    guard let now = packetNow else { return }
    surveyAll(at: now)
    if keepsSeries { series.add(books.ledger.timeWaitSample(at: now)) }
  }
}
