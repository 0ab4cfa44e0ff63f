internal import Alerting
internal import KernelSockets
internal import PacketDecoding
internal import StatusServer
internal import Synchronization

/// The silences, kept across restarts of the daemon. Any thread may ask.
final class SilenceKeeper: Sendable {
  private let book: Mutex<SilenceBook>
  private let file: StateFile?

  /// - Parameter file: where they are kept; nil to forget them.
  init(file: StateFile?) {
    self.file = file
    book = Mutex(file?.load(SilenceBook.self) { $0.version == SilenceBook.currentVersion } ?? SilenceBook())
  }

  var isKept: Bool { file != nil }

  /// Those that hold now.
  var current: [Silence] {
    let now = WallClock.now()
    return book.withLock { $0.silences.filter { $0.endsAt > now } }
  }

  func mark(_ alerts: [AlertStatus], at time: Timestamp) -> [AlertStatus] {
    book.withLock { $0 }.mark(alerts, at: time)
  }

  /// Nil when there is none of this id.
  func change(_ change: SilenceChange) throws(SilenceFault) -> Silence? {
    let now = WallClock.now()
    let outcome = book.withLock { book in
      defer { file?.save(book) }
      return Self.apply(change, to: &book, at: now)
    }
    return try outcome.get()
  }

  private static func apply(
    _ change: SilenceChange,
    to book: inout SilenceBook,
    at now: Timestamp
  ) -> Result<Silence?, SilenceFault> {
    switch change {
    case .expire(let id): return .success(book.expire(id))
    case .add(let matchers, let span, let comment):
      let digits = String(UInt32.random(in: 0 ... .max), radix: 16)
      let id = String(repeating: "0", count: 8 - digits.count) + digits
      do throws(SilenceFault) {
        return .success(try book.add(matchers, lasting: span, comment: comment, id: id, at: now))
      } catch {
        return .failure(error)
      }
    }
  }

  /// Waits until they are written.
  func finish(within span: Seconds) { file?.finish(within: span) }
}
