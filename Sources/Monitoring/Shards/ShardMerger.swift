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
  /// Of frames before the block.
  private var framesBefore: UInt64 = 0
  private var heads: [Int]
  /// Of connections whose accounts are shared until somebody answers, by number.
  private var shared: [[UInt32: EventRecorder.Opening]]

  /// What the whole knows of a connection that a share has numbered.
  private struct Known {
    var serial: UInt64
    var account: AccountKey
    var siblings: UInt32 = 0
    /// At which frame it moved last: of two deadlines at the same moment the one that was set first is met first.
    var moved: UInt64
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
    var left: [Ended] = []
    var tick = 0
    for handover in block.handovers {
      while tick < block.ticks.count, block.ticks[tick].frame < handover {
        let sample = block.ticks[tick]
        sample.forEachMoment { step, moment in
          tell(block, before: sample.frame, step + 1)
          books.note(moment)
          series.add(books.ledger.timeWaitSample(at: moment))
          guard step == ShardEvent.Step.tick else { return }
          books.ledger.samplePeaks()
          books.ledger.samplePorts(at: moment)
        }
        if sample.due == nil { tell(block, before: sample.frame, ShardEvent.Step.gap) }
        books.forget(before: sample.now)
        tick += 1
      }
      tell(block, before: handover, 0)
      for connection in books.takeEnded() {
        left.append(Ended(connection: connection, cause: books.diagnosis.verdict(of: connection.detail.serial)))
      }
    }
    framesBefore += UInt64(block.frames.count)
    return left
  }

  /// Tells what came before a frame's step.
  private mutating func tell(_ block: FrameBlock, before frame: UInt32, _ step: UInt8) {
    while let share = next(block, before: frame, step) {
      let first = block.told[share].events[heads[share]]
      // What one segment does is told by one share, without a break.
      repeat {
        tell(block.told[share].events[heads[share]], share, block)
        heads[share] += 1
      } while heads[share] < block.told[share].events.count && isSame(block.told[share].events[heads[share]], first)
    }
  }

  private func isSame(_ event: ShardEvent, _ first: ShardEvent) -> Bool {
    event.frame == first.frame && event.step == first.step && event.queue == first.queue
      && event.deadline == first.deadline && event.connection == first.connection
  }

  private func next(_ block: FrameBlock, before frame: UInt32, _ step: UInt8) -> Int? {
    var best: Int?
    for share in heads.indices where heads[share] < block.told[share].events.count {
      let event = block.told[share].events[heads[share]]
      guard event.frame < frame || event.frame == frame && event.step < step else { continue }
      guard let earliest = best else {
        best = share
        continue
      }
      let other = block.told[earliest].events[heads[earliest]]
      if event.precedes(other) || !other.precedes(event) && moved(event, share) < moved(other, earliest) {
        best = share
      }
    }
    return best
  }

  private func moved(_ event: ShardEvent, _ share: Int) -> UInt64 {
    Int(event.connection) < known[share].count ? known[share][Int(event.connection)].moved : .max
  }

  private mutating func tell(_ event: ShardEvent, _ share: Int, _ block: FrameBlock) {
    books.note(event.now)
    let number = Int(event.connection)
    switch event.kind {
    case .opened:
      let opening = block.told[share].openings[Int(event.index)]
      let account = books.opened(
        client: opening.client,
        server: opening.server,
        namespace: opening.namespace,
        event.to
      )
      known[share].append(Known(serial: nextSerial, account: account, moved: framesBefore + UInt64(event.frame)))
      nextSerial += 1
      if account.isShared, event.to.serverPhase == .listen { shared[share][event.connection] = opening }
    case .moved:
      if event.from.serverPhase == .listen, let opening = shared[share].removeValue(forKey: event.connection) {
        if event.to.answers(since: event.from) { known[share][number].account = account(number, share, opening, event) }
      }
      books.moved(known[share][number].account, from: event.from, to: event.to)
      known[share][number].moved = framesBefore + UInt64(event.frame)
    case .siblings:
      known[share][number].siblings = UInt32(clamping: books.siblings(known[share][number].account))
    case .reused: books.reused(known[share][number].account)
    case .handshake: books.handshake(known[share][number].account, event.handshake)
    case .ended: books.ended(view(block.told[share].views[Int(event.index)], share))
    case .left: books.left(view(block.told[share].views[Int(event.index)], share))
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
