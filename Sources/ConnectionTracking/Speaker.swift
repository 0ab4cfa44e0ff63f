package import PacketDecoding

/// One direction of a conversation.
@usableFromInline
package struct Speaker: Sendable, BitwiseCopyable {
  /// Octets of the body still to come; meaningful in `.body`.
  var bodyRemaining: UInt64 = 0
  @usableFromInline package internal(set) var probes = KeepAliveProbes()
  var records = TLSRecordReader()
  /// Where the current message begins.
  var messageStart = SequenceNumber(0)
  var stage = Stage.expectsHead
  /// The current head has been counted.
  var isCounted = false
  /// Of the last head.
  package internal(set) var lastFacts = HeadFacts()
  package internal(set) var lastMethod = HTTPMethod.other
  /// TLS: an alert record, or what in TLS 1.3 has the size of one, was the last record.
  package internal(set) var endedWithAlert = false
  var sentFinished = false

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

  @inline(__always)
  mutating func beginMessage(at start: SequenceNumber) {
    messageStart = start
    isCounted = false
    stage = .head
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
@usableFromInline
package struct KeepAliveProbes: Sendable, BitwiseCopyable {
  package internal(set) var count: UInt32 = 0
  /// Since the peer last sent anything.
  @usableFromInline package internal(set) var unanswered: UInt32 = 0
  /// Silence before the last one: tcp_keepalive_time while they are answered, tcp_keepalive_intvl when not.
  package var interval: Seconds { Seconds(nanoseconds: Int64(intervalMilliseconds) * 1_000_000) }

  private var intervalMilliseconds: UInt32 = 0

  package init() {}

  mutating func note(after silence: Seconds) {
    count &+= 1
    unanswered &+= 1
    intervalMilliseconds = UInt32(clamping: (silence.nanoseconds + 500_000) / 1_000_000)
  }
}
