package import PacketDecoding

/// One direction of a conversation.
package struct Speaker: Sendable, BitwiseCopyable {
  var reader = HeadReader()
  var records = TLSRecordReader()
  var stage = Stage.expectsHead
  /// Octets of the body still to come; meaningful in `.body`.
  var bodyRemaining: UInt64 = 0
  /// Where the current message begins.
  var messageStart = SequenceNumber(0)
  /// The current head has been counted.
  var isCounted = false
  /// Of the last head.
  package internal(set) var lastFacts = HeadFacts()
  package internal(set) var lastStatus: UInt16 = 0
  package internal(set) var lastMethod = HTTPMethod.other
  /// TLS: an alert record, or what in TLS 1.3 has the size of one, was the last record.
  package internal(set) var endedWithAlert = false
  var sentFinished = false
  package internal(set) var probes = KeepAliveProbes()

  enum Stage: UInt8 {
    case expectsHead
    /// In a head that goes on in the next segment.
    case head
    /// In a body of known length.
    case body
    /// In a body whose end does not show (chunked, until close), or lost: the next head is looked for where segments
    /// begin.
    case openBody
    /// Nothing more is looked for.
    case tunnel
  }

  /// Whether the message that began is known to have come to its end, or cannot be known not to have.
  var isBetweenMessages: Bool {
    switch stage {
    case .expectsHead, .openBody, .tunnel: true
    case .head, .body: false
    }
  }
}

/// TCP keep-alive probes of one end (RFC 9293, 3.8.4).
package struct KeepAliveProbes: Sendable, BitwiseCopyable {
  package internal(set) var count: UInt32 = 0
  /// Since the peer last sent anything.
  package internal(set) var unanswered: UInt32 = 0
  /// Silence before the last one: tcp_keepalive_time while they are answered, tcp_keepalive_intvl when not.
  package internal(set) var interval = Seconds.zero

  package init() {}

  mutating func note(after silence: Seconds) {
    count &+= 1
    unanswered &+= 1
    interval = silence
  }
}
