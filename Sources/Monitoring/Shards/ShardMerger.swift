package import CloseDiagnosis
package import ConnectionTracking
internal import PacketDecoding
internal import StateAccounting

/// Keeps the books of all shares together: what each tells is told to the books in the order in which one tracker would
/// have told it. One thread owns it.
package struct ShardMerger: ~Copyable {
  var books: Books
  var series = TimeWaitSeries()
  private var known: [[Known]]
  private var nextSerial: UInt64 = 1
  private var heads: [Int]
  /// Of connections whose accounts are shared until somebody answers, by number.
  private var shared: [[UInt32: EventRecorder.Opening]]

  /// What the whole knows of a connection that a share has numbered.
  private struct Known {
    var serial: UInt64
    var account: AccountKey
    var siblings: UInt32 = 0
  }

  /// A connection that left, and what was known of its cause by then.
  package struct Ended: Sendable {
    package var connection: ConnectionView
    package var cause: CauseVerdict?

    package init(connection: ConnectionView, cause: CauseVerdict?) {
      self.connection = connection
      self.cause = cause
    }
  }

  package init(_ settings: MonitorSettings, shares: Int) {
    books = Books(retention: settings.retention, limits: settings.accounts, awaitedCauses: settings.awaitedCauses)
    known = Array(repeating: [], count: shares)
    heads = Array(repeating: 0, count: shares)
    shared = Array(repeating: [:], count: shares)
  }

  /// Takes what all shares made of a block.
  ///
  /// - Returns: connections that left.
  package mutating func take(_ block: FrameBlock) -> [Ended] {
    for share in heads.indices { heads[share] = 0 }
    let (content, told) = (block.content, block.told.map(\.events))
    var left: [Ended] = []
    var tick = 0
    for handover in content.handovers {
      while tick < content.ticks.count, content.ticks[tick].frame < handover {
        let sample = content.ticks[tick]
        sample.forEachMoment { step, moment in
          tell(told, before: sample.frame, step + 1)
          books.note(moment)
          series.add(books.ledger.timeWaitSample(at: moment))
          guard step == ShardEvent.Step.tick else { return }
          books.ledger.samplePeaks()
          books.ledger.samplePorts(at: moment)
        }
        if sample.due == nil { tell(told, before: sample.frame, ShardEvent.Step.gap) }
        books.forget(before: sample.now)
        tick += 1
      }
      tell(told, before: handover, 0)
      for connection in books.takeEnded() {
        left.append(Ended(connection: connection, cause: books.diagnosis.verdict(of: connection.detail.serial)))
      }
    }
    return left
  }

  /// Tells what came before a frame's step.
  private mutating func tell(_ told: [EventRecorder], before frame: UInt32, _ step: UInt8) {
    while let share = next(told, before: frame, step) {
      let first = told[share].events[heads[share]]
      // What one segment does is told by one share, without a break.
      repeat {
        tell(told[share].events[heads[share]], share, told)
        heads[share] += 1
      } while heads[share] < told[share].events.count && isSame(told[share].events[heads[share]], first)
    }
  }

  private func isSame(_ event: ShardEvent, _ first: ShardEvent) -> Bool {
    event.frame == first.frame && event.step == first.step && event.queue == first.queue
      && event.deadline == first.deadline && event.connection == first.connection
  }

  private func next(_ told: [EventRecorder], before frame: UInt32, _ step: UInt8) -> Int? {
    var best: Int?
    for share in heads.indices where heads[share] < told[share].events.count {
      let event = told[share].events[heads[share]]
      guard event.frame < frame || event.frame == frame && event.step < step else { continue }
      guard let earliest = best else {
        best = share
        continue
      }
      let other = told[earliest].events[heads[earliest]]
      if event.precedes(other) { best = share }
    }
    return best
  }

  private mutating func tell(_ event: ShardEvent, _ share: Int, _ told: [EventRecorder]) {
    books.note(event.now)
    let number = Int(event.connection)
    switch event.kind {
    case .opened:
      let opening = told[share].openings[Int(event.index)]
      let account = books.opened(
        client: opening.client,
        server: opening.server,
        namespace: opening.namespace,
        event.to
      )
      known[share].append(Known(serial: nextSerial, account: account))
      nextSerial += 1
      if account.isShared, event.to.serverPhase == .listen { shared[share][event.connection] = opening }
    case .moved:
      if event.from.serverPhase == .listen, let opening = shared[share].removeValue(forKey: event.connection) {
        if event.to.answers(since: event.from) { known[share][number].account = account(number, share, opening, event) }
      }
      books.moved(known[share][number].account, from: event.from, to: event.to)
    case .siblings:
      known[share][number].siblings = UInt32(clamping: books.siblings(known[share][number].account))
    case .reused: books.reused(known[share][number].account)
    case .handshake: books.handshake(known[share][number].account, event.handshake)
    case .ended: books.ended(view(told[share].views[Int(event.index)], share))
    case .left: books.left(view(told[share].views[Int(event.index)], share))
    }
  }

  private mutating func account(
    _ number: Int,
    _ share: Int,
    _ opening: EventRecorder.Opening,
    _ event: ShardEvent
  ) -> AccountKey {
    books.answered(known[share][number].account, client: opening.client, server: opening.server, event.from)
  }

  /// As the whole knows it.
  package func view(_ connection: ConnectionView, _ share: Int) -> ConnectionView {
    let known = known[share][Int(connection.detail.account.service)]
    return connection.renumbered(
      serial: known.serial,
      service: known.account.service,
      peer: known.account.peer,
      openSiblings: known.siblings
    )
  }

  func account(_ number: UInt32, _ share: Int) -> AccountKey { known[share][Int(number)].account }
}
