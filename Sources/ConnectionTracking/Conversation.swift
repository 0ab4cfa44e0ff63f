internal import PacketDecoding

/// What the two ends say to each other, as far as it shows: requests, answers, silences. Facts and positions only;
/// nothing of what was said is kept.
@usableFromInline
package struct Conversation: Sendable, BitwiseCopyable {
  @usableFromInline var speakers: Speakers
  @usableFromInline var turns: Turns
  @usableFromInline var particulars: Particulars
  package internal(set) var probes: Probes

  @inline(__always)
  init(_ turns: Turns, _ speakers: Speakers, _ particulars: Particulars, _ probes: Probes) {
    self.turns = turns
    self.speakers = speakers
    self.particulars = particulars
    self.probes = probes
  }

  package init() { self.init(Turns(), Speakers(), Particulars(), Probes()) }

  @usableFromInline
  package enum Kind: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case unknown
    case http1
    case http2
    case tls
    /// Known to be none of these.
    case other
    /// The capture holds no payload.
    case notCaptured
  }

  subscript(role: Role) -> Speaker {
    @inline(__always) get { speakers[role] }
    @inline(__always) _modify { yield &speakers[role] }
  }

  // MARK: Keep-Alive

  @usableFromInline
  struct Announcements: OptionSet, Sendable, BitwiseCopyable {
    @usableFromInline let rawValue: UInt8

    @usableFromInline
    init(rawValue: UInt8) { self.rawValue = rawValue }

    static let timeout = Announcements(rawValue: 1)
    static let maximum = Announcements(rawValue: 2)
    static let clientTimeout = Announcements(rawValue: 4)
  }

  /// What the server's last `Keep-Alive` announced.
  package var advertisedTimeout: UInt16? { turns.announcements.contains(.timeout) ? particulars.announcedTimeout : nil }
  package var advertisedMaximum: UInt16? { turns.announcements.contains(.maximum) ? particulars.announcedMaximum : nil }
  /// What the client announced, which servers do not heed.
  package var clientAdvertisedTimeout: UInt16? {
    turns.announcements.contains(.clientTimeout) ? particulars.clientTimeout : nil
  }

  /// Requests answered; nil where they cannot be told apart.
  @inlinable package var exchanges: UInt32? { turns.exchanges }

  package var hasOutstandingRequest: Bool { requests > answers }
}

extension Conversation {
  /// Yes-or-no facts of the whole.
  @usableFromInline
  package struct Facts: Sendable, BitwiseCopyable, Equatable {
    @usableFromInline var bits: UInt16 = 0

    package init() {}

    @inlinable subscript(mask: UInt16) -> Bool {
      @inline(__always) get { bits & mask != 0 }
      @inline(__always) set { bits = newValue ? bits | mask : bits & ~mask }
    }

    /// A request was sent before the one before it was answered.
    @inlinable package var isPipelined: Bool {
      @inline(__always) get { self[0x0001] }
      @inline(__always) set { self[0x0001] = newValue }
    }
    /// 101, or a CONNECT that was granted: what follows is another protocol.
    @inlinable package var isUpgraded: Bool {
      @inline(__always) get { self[0x0002] }
      @inline(__always) set { self[0x0002] = newValue }
    }
    /// An answer that nobody asked for: a time-out told by 408, say.
    @inlinable package var hasUnsolicitedAnswer: Bool {
      @inline(__always) get { self[0x0004] }
      @inline(__always) set { self[0x0004] = newValue }
    }
    @inlinable package var isTLS13: Bool {
      @inline(__always) get { self[0x0008] }
      @inline(__always) set { self[0x0008] = newValue }
    }
    /// Inside TLS HTTP/2 was chosen, or was offered where the choice does not show (TLS 1.3), or whether it was cannot
    /// be seen.
    @inlinable package var mayBeHTTP2: Bool {
      @inline(__always) get { self[0x0010] }
      @inline(__always) set { self[0x0010] = newValue }
    }
    @inlinable package var sawServerHello: Bool {
      @inline(__always) get { self[0x0020] }
      @inline(__always) set { self[0x0020] = newValue }
    }
    /// At the first FIN or RST: a request had no answer.
    @inlinable package var closedWithRequestOutstanding: Bool {
      @inline(__always) get { self[0x0040] }
      @inline(__always) set { self[0x0040] = newValue }
    }
    /// At the first FIN or RST: less of the answer was acknowledged than was promised or sent.
    @inlinable package var closedWithAnswerUnread: Bool {
      @inline(__always) get { self[0x0080] }
      @inline(__always) set { self[0x0080] = newValue }
    }
    /// At the first FIN or RST: the request was not sent to its end.
    @inlinable package var closedWithRequestUnfinished: Bool {
      @inline(__always) get { self[0x0100] }
      @inline(__always) set { self[0x0100] = newValue }
    }
    /// The server began to answer the last request before it had seen the end, or without wanting to (413).
    @inlinable package var answeredEarly: Bool {
      @inline(__always) get { self[0x0200] }
      @inline(__always) set { self[0x0200] = newValue }
    }
    /// A request and the server's FIN crossed.
    @inlinable package var requestCrossedFIN: Bool {
      @inline(__always) get { self[0x0400] }
      @inline(__always) set { self[0x0400] = newValue }
    }
    /// A request was sent after the server's FIN had been acknowledged: by a program that had not looked yet.
    @inlinable package var requestedAfterFIN: Bool {
      @inline(__always) get { self[0x1000] }
      @inline(__always) set { self[0x1000] = newValue }
    }
    /// Then the request was answered by RST.
    @inlinable package var isReuseRace: Bool {
      @inline(__always) get { self[0x0800] }
      @inline(__always) set { self[0x0800] = newValue }
    }
    /// TLS: the client's alert (close_notify, probably) came before any of the server's.
    @inlinable package var clientAlertedFirst: Bool {
      @inline(__always) get { self[0x2000] }
      @inline(__always) set { self[0x2000] = newValue }
    }
    /// The same of the server's.
    @inlinable package var serverAlertedFirst: Bool {
      @inline(__always) get { self[0x4000] }
      @inline(__always) set { self[0x4000] = newValue }
    }
  }
}
