package import PacketDecoding

/// For a planned while: alerts that fit every matcher fire and are shown, but are delivered to nobody.
package struct Silence: Sendable, Equatable, Codable {
  package var id: String
  package var matchers: [SilenceMatcher]
  package var comment: String
  package var createdAt: Timestamp
  package var endsAt: Timestamp

  package init(id: String, matchers: [SilenceMatcher], comment: String, createdAt: Timestamp, endsAt: Timestamp) {
    self.id = id
    self.matchers = matchers
    self.comment = comment
    self.createdAt = createdAt
    self.endsAt = endsAt
  }

  package func fits(_ alert: AlertStatus) -> Bool { matchers.allSatisfy { $0.matches(alert) } }
}

/// Why there is no such silence, as a sentence.
package struct SilenceFault: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}

/// The silences that hold, and outlive the daemon.
package struct SilenceBook: Sendable, Codable {
  package static let currentVersion = 1
  package static let limit = 100
  package static let matcherLimit = 16
  package static let commentLimit = 500
  package static let longest = Seconds(366 * 86_400)

  package var version = SilenceBook.currentVersion
  package private(set) var silences: [Silence] = []

  package init() {}

  package mutating func add(
    _ matchers: [SilenceMatcher],
    lasting span: Seconds,
    comment: String,
    id: String,
    at time: Timestamp
  ) throws(SilenceFault) -> Silence {
    forget(at: time)
    guard !matchers.isEmpty else { throw SilenceFault("a silence needs a matcher, such as service=10.0.0.1:8081") }
    guard matchers.count <= Self.matcherLimit else { throw SilenceFault("\(Self.matcherLimit) matchers at most") }
    guard comment.utf8.count <= Self.commentLimit else {
      throw SilenceFault("the comment is too long: \(Self.commentLimit) octets at most")
    }
    guard span >= Seconds(1), span <= Self.longest else { throw SilenceFault("a silence lasts from 1 s to 366 days") }
    guard silences.count < Self.limit else {
      throw SilenceFault("there are \(Self.limit) silences already: expire one (tcpstated silence list)")
    }
    let end = Timestamp(nanoseconds: time.nanoseconds &+ span.nanoseconds)
    let silence = Silence(id: id, matchers: matchers, comment: comment, createdAt: time, endsAt: end)
    silences.append(silence)
    return silence
  }

  /// The one that was ended; nil when there is none of this id.
  package mutating func expire(_ id: String) -> Silence? {
    silences.firstIndex { $0.id == id }.map { silences.remove(at: $0) }
  }

  /// Leaves out those that are over; whether there were any.
  @discardableResult
  package mutating func forget(at time: Timestamp) -> Bool {
    let count = silences.count
    silences.removeAll { $0.endsAt <= time }
    return silences.count != count
  }

  /// Says with each pending or firing alert which silence holds for it: the one that ends last.
  package func mark(_ alerts: [AlertStatus], at time: Timestamp) -> [AlertStatus] {
    let silences = silences.filter { $0.endsAt > time }.sorted { $0.endsAt > $1.endsAt }
    guard !silences.isEmpty else { return alerts }
    return alerts.map { alert in
      guard alert.state != .resolved else { return alert }
      var alert = alert
      alert.silencedBy = silences.first { $0.fits(alert) }?.id
      return alert
    }
  }
}
