package import PacketDecoding

/// An idle time-out as the closes show it.
package struct IdleTimeout: Sendable, Equatable {
  package var value: Seconds
  package var samples: Int
}

/// The idle time-outs at work at a service, as far as they show.
package struct ServiceTimeouts: Sendable, Equatable {
  /// Inferred from the closes of either side.
  package var client: IdleTimeout?
  package var server: IdleTimeout?
  /// The longest that a client announced in a `Keep-Alive` of its own.
  package var clientAnnounced: Seconds?

  /// The time-out that the server announced last.
  package var serverAnnounced: Seconds?
  /// How long clients waited that gave up.
  package var patience: IdleTimeout?
  /// As the n-th answer the server announced the close of most.
  package var requestLimit: Int?

  package init() {}
}

extension Recent where Element == Seconds {
  /// The silence that most closes had in common: at least five, within 1 s or 2 % of each other.
  var mode: IdleTimeout? {
    var best: (value: Seconds, count: Int)?
    for element in elements {
      let count = neighbours(of: element)
      if count > best?.count ?? 0 { best = (element, count) }
    }
    guard let best, best.count >= 5 else { return nil }
    let spread = Swift.max(Seconds(nanoseconds: 500_000_000), Seconds(nanoseconds: best.value.nanoseconds / 100))
    let members = elements.filter { ($0 - best.value).magnitude <= spread }.sorted()
    return IdleTimeout(value: members[members.count / 2], samples: members.count)
  }
}
