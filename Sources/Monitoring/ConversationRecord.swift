package import ConnectionTracking
package import PacketDecoding

/// What the ends of a connection said to each other, for readers.
package struct ConversationRecord: Sendable {
  /// False where payload was not captured all the time: nothing of the rest is known.
  package var isKnown = true
  package var kind = Conversation.Kind.unknown
  /// Requests answered; nil where they cannot be told apart.
  package var exchanges: UInt32? = 0
  package var requests: UInt32? = 0
  package var isPipelined = false
  package var isUpgraded = false
  /// The longest silence before a request.
  package var longestGap = Seconds.zero
  /// Silence before the first FIN or RST; nil before it, and when nothing was said.
  package var idleBeforeClose: Seconds?
  package var advertisedTimeout: UInt16?
  package var advertisedMaximum: UInt16?
  package var clientProbes = KeepAliveProbes()
  package var serverProbes = KeepAliveProbes()

  package init() {}

  init(_ conversation: Conversation) {
    kind = conversation.kind
    exchanges = conversation.exchanges
    requests = conversation.exchanges == nil ? nil : conversation.requests
    isPipelined = conversation.facts.isPipelined
    isUpgraded = conversation.facts.isUpgraded
    longestGap = conversation.longestGap
    idleBeforeClose = conversation.idleBeforeClose
    advertisedTimeout = conversation.advertisedTimeout
    advertisedMaximum = conversation.advertisedMaximum
    clientProbes = conversation.probes.client
    serverProbes = conversation.probes.server
  }
}
