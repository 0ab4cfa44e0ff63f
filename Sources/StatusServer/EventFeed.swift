internal import Synchronization

/// The figures of each second, for all who follow them: made once, however many they are, and only while there are any.
final class EventFeed: Sendable {
  /// Takes what is to be sent; it must not wait.
  typealias Follower = @Sendable (Frame) -> Void

  /// Events of one second, as they go over the wire.
  struct Frame: Sendable {
    let bytes: [UInt8]
  }

  private struct State {
    var followers: [UInt64: Follower] = [:]
    var nextNumber: UInt64 = 0
    var latest: Frame?
    var work: Task<Void, Never>?
  }

  private let limit: Int
  private let pause: Duration
  /// Nil when there is nothing to tell any more.
  private let make: @Sendable () async -> Frame?
  private let state = Mutex(State())

  /// - Parameter limit: followers at a time.
  init(limit: Int, pause: Duration, make: @escaping @Sendable () async -> Frame?) {
    self.limit = limit
    self.pause = pause
    self.make = make
  }

  /// Nil when there are as many as may be.
  func reserve() -> Place? {
    state.withLock { state in
      guard state.followers.count < limit else { return nil }
      state.nextNumber += 1
      // Nobody listens there yet, but the place is taken.
      state.followers[state.nextNumber] = { _ in }
      return Place(number: state.nextNumber, in: self)
    }
  }

  private func begin(_ number: UInt64, _ follower: @escaping Follower) {
    let latest = state.withLock { state in
      state.followers[number] = follower
      if state.work == nil { state.work = Task { await work() } }
      return state.latest
    }
    if let latest { follower(latest) }
  }

  private func end(_ number: UInt64) {
    state.withLock { state in
      state.followers[number] = nil
      guard state.followers.isEmpty else { return }
      state.work?.cancel()
      state.work = nil
      state.latest = nil
    }
  }

  private func work() async {
    while let frame = await make(), !Task.isCancelled {
      publish(frame)
      try? await Task.sleep(for: pause)
    }
  }

  private func publish(_ frame: Frame) {
    let followers = state.withLock { state in
      state.latest = frame
      return Array(state.followers.values)
    }
    for follower in followers { follower(frame) }
  }

  /// One follower's; free again when the last that holds it lets go.
  final class Place: Sendable {
    private let number: UInt64
    private let feed: EventFeed

    fileprivate init(number: UInt64, in feed: EventFeed) {
      self.number = number
      self.feed = feed
    }

    /// From now on, beginning with the latest there is.
    func follow(_ follower: @escaping Follower) { feed.begin(number, follower) }

    deinit { feed.end(number) }
  }
}

extension EventFeed.Frame {
  /// Server-sent events (WHATWG HTML, 9.2). JSON is one line here: no line break needs another `data:`.
  init(_ events: [(name: String, json: [UInt8])]) {
    var bytes: [UInt8] = []
    for event in events {
      bytes += Array("event: \(event.name)\ndata: ".utf8)
      bytes += event.json.last == UInt8(ascii: "\n") ? event.json.dropLast() : event.json[...]
      bytes += Array("\n\n".utf8)
    }
    self.init(bytes: bytes)
  }
}
