package import PacketDecoding

/// What clients may cost: each number is for one listener, or one connection of it.
package struct ServerLimits: Sendable {
  /// Connections at once: the client that has waited longest without a request makes way for one more.
  package var connections = 128
  /// Beyond those, while others make way or are all being answered; the next wait in the kernel's backlog.
  package var spareConnections = 32
  /// For a request to come in whole, from its first byte; for the first one, from the opening of the connection.
  package var requestTime = Seconds(10)
  /// Between an answer and the next request. Longer than the interval at which metrics are read as a rule.
  package var idleTime = Seconds(75)
  /// For an answer to be made and taken.
  package var answerTime = Seconds(60)
  /// For a client that is sent away to read why.
  package var farewellTime = Seconds(2)
  /// Clients at once that follow the figures of each second, at all listeners together.
  package var followers = 16
  /// From one event to the next.
  package var eventPause = Duration.seconds(1)
  /// For a follower to take an event: who does not read is sent away.
  package var eventTime = Seconds(15)
  /// Of the target or of one field. A filter of the greatest length fits in, each byte percent-encoded.
  package var fieldSize = 16 << 10
  /// Of the target and all fields together.
  package var headSize = 32 << 10
  package var fieldCount = 64
  /// Of all answers that are under way.
  package var answerBytes = 64 << 20

  package init() {}
}
