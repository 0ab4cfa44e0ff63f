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
