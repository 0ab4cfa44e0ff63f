package import CloseDiagnosis
package import ConnectionTracking
internal import PacketDecoding
internal import StateAccounting

/// Keeps the books of all shares together: what each tells is told to the books in the order in which one tracker would
/// have told it. One thread owns it.
package struct ShardMerger: ~Copyable {
  var books: Books
  var series = TimeWaitSeries()
  /// By the number that a share has given a connection, and the share.
  var known = NumberedMemory<Known>()
  private let shares: Int
  private var nextSerial: UInt64 = 1
  /// By share, which event it tells next, and when.
  var heads: [Int]
  var keys: [UInt64]
  /// At which frames of the block, and whose turn it is there.
  var turns = FrameTurns()
  /// By share and event, some events ahead: what the books go on with (`seek`).
  var hints: [UInt64]

  /// What the whole knows of a connection that a share has numbered: half a cache line.
  struct Known: BitwiseCopyable, Sendable {
    var serial: UInt64
    private var service: UInt32
    private var peer: UInt32
    var siblings: UInt32 = 0
    /// The standing that the books were told of it last; quiet moves they hear of with the next.
    private var toldLow: UInt32
    private var toldHigh: UInt8
    private let namespace: UInt8

    init(serial: UInt64, account: AccountKey, _ standing: Standing) {
      self.serial = serial
      (service, peer, namespace) = (account.service, account.peer, account.namespace)
      (toldLow, toldHigh) = standing.parts
    }

    static var nobody: Known { Known(serial: 0, account: AccountKey(service: 0, peer: 0), .nothing) }

    var told: Standing {
      get { Standing(parts: (toldLow, toldHigh)) }
      set { (toldLow, toldHigh) = newValue.parts }
    }

    /// In a file no end has an owner.
    var account: AccountKey {
      get { AccountKey(service: service, peer: peer, namespace: namespace) }
      set { (service, peer) = (newValue.service, newValue.peer) }
    }
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

  /// Connections so far.
  package var opened: Int { Int(nextSerial) - 1 }

  package init(_ settings: MonitorSettings, shares: Int) {
    books = Books(retention: settings.retention, limits: settings.accounts, awaitedCauses: settings.awaitedCauses)
    self.shares = shares
    heads = Array(repeating: 0, count: shares)
    keys = Array(repeating: .max, count: shares)
    hints = Array(repeating: 0, count: shares * Self.hintedEvents)
  }

  /// Takes what all shares made of a block.
  ///
  /// - Returns: connections that left.
  package mutating func take(_ block: FrameBlock) -> [Ended] {
    take(block.content, block.shares.map(\.strand))
  }

  private mutating func take(_ content: borrowing BlockContent, _ strands: [EventStrand]) -> [Ended] {
    let told = strands.span
    turns.clear(frames: content.count)
    for share in heads.indices {
      heads[share] = 0
      turns.add(told[share].turns.span, of: share)
    }
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
          books.giveBackQuiet()
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

  @inline(__always)
  func place(_ connection: UInt32, _ share: Int) -> Int { Int(connection) * shares + share }

  mutating func tell(_ event: ShardEvent, _ share: Int, _ told: Span<EventStrand>) {
    books.note(event.now)
    let number = place(event.connection, share)
    switch event.kind {
    case .opened: open(event, told[share].openings.span[Int(event.index)], at: number)
    case .moved:
      if event.index != 0 { answer(number, told[share].openings.span[Int(event.index - 1)], event.to) }
      move(number, to: event.to)
    case .siblings:
      known[number].siblings = UInt32(clamping: books.siblings(known[number].account))
    case .reused: books.reused(known[number].account)
    case .handshake: books.handshake(known[number].account, event.handshake)
    case .ended:
      let known = known[number]
      let ended = told[share].ends.span[Int(event.index)]
      books.ended(ended.renumbered(serial: known.serial, known.account, openSiblings: known.siblings))
    case .endedUnheard:
      let (serial, account) = (known[number].serial, known[number].account)
      _ = books.endedUnheard(account, serial: serial, isUnanswered: event.index != 0)
    case .left: books.left(view(told[share].views.span[Int(event.index)], share))
    }
  }

  @inline(__always)
  private mutating func open(_ event: ShardEvent, _ opening: EventStrand.Opening, at number: Int) {
    let account = books.opened(
      client: opening.client,
      server: opening.server,
      namespace: opening.namespace,
      event.to
    )
    // Shares do not get ahead of each other by much.
    while known.count <= number { known.append(.nobody) }
    known[number] = Known(serial: nextSerial, account: account, event.to)
    nextSerial += 1
  }

  /// Its server answers.
  private mutating func answer(_ number: Int, _ opening: EventStrand.Opening, _ next: Standing) {
    let (account, told) = (known[number].account, known[number].told)
    guard account.isShared, next.answers(since: told) else { return }
    known[number].account = books.answered(
      account,
      client: opening.client,
      server: opening.server,
      told
    )
  }

  /// As the whole knows it.
  package func view(_ connection: ConnectionView, _ share: Int) -> ConnectionView {
    let known = known[place(connection.detail.account.number, share)]
    return connection.renumbered(
      serial: known.serial,
      service: known.account.service,
      peer: known.account.peer,
      openSiblings: known.siblings
    )
  }

  @inline(__always)
  private mutating func move(_ number: Int, to next: Standing) {
    let known = known[number]
    self.known[number].told = next
    books.moved(known.account, from: known.told, to: next)
  }

  /// Tells of quiet moves.
  mutating func move(_ connection: UInt32, _ share: Int, to next: Standing) { move(place(connection, share), to: next) }

  func account(_ number: UInt32, _ share: Int) -> AccountKey { known[place(number, share)].account }
}
