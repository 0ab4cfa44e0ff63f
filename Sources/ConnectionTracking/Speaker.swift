package import PacketDecoding

/// One direction of a conversation, in sixteen octets.
@usableFromInline
package struct Speaker: Sendable, BitwiseCopyable {
  /// HTTP/1: octets of the body still to come. TLS: its reader of records.
  private var progress: UInt64 = 0
  /// Where the current message begins.
  var messageStart = SequenceNumber(0)
  /// Of the last head.
  package internal(set) var lastFacts = HeadFacts()
  var stage = Stage.expectsHead
  private var facts: UInt8 = 0

  /// Meaningful in `.body`.
  var bodyRemaining: UInt64 {
    @inline(__always) get { progress }
    @inline(__always) set { progress = newValue }
  }

  var records: TLSRecordReader {
    get { TLSRecordReader(bits: progress) }
    set { progress = newValue.bits }
  }

  private subscript(fact mask: UInt8) -> Bool {
    @inline(__always) get { facts & mask != 0 }
    @inline(__always) set { facts = newValue ? facts | mask : facts & ~mask }
  }

  /// The current head has been counted.
  var isCounted: Bool {
    @inline(__always) get { self[fact: 0x01] }
    @inline(__always) set { self[fact: 0x01] = newValue }
  }
  /// Of the last head, as far as it tells how the answer is framed.
  var lastMethod: HTTPMethod {
    @inline(__always) get { self[fact: 0x02] ? .head : asksConnect ? .connect : .other }
    @inline(__always) set {
      // `==` asks for a witness.
      let bits: UInt8 =
        switch newValue {
        case .head: 0x02
        case .connect: 0x04
        case .other, .delete, .get, .options, .patch, .post, .put, .trace: 0
        }
      facts = facts & ~0x06 | bits
    }
  }
  /// The head that was counted is one of HEAD, or of a method that frames its answer as most do.
  @inline(__always)
  mutating func noteCounted(isHEAD: Bool) { facts = facts & ~0x07 | (isHEAD ? 0x03 : 0x01) }

  var asksConnect: Bool { self[fact: 0x04] }
  /// Neither HEAD nor CONNECT.
  var lastMethodAllowsBody: Bool { @inline(__always) get { facts & 0x06 == 0 } }
  /// TLS: an alert record, or what in TLS 1.3 has the size of one, was the last record.
  package internal(set) var endedWithAlert: Bool {
    get { self[fact: 0x08] }
    set { self[fact: 0x08] = newValue }
  }
  var sentFinished: Bool {
    get { self[fact: 0x10] }
    set { self[fact: 0x10] = newValue }
  }

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
