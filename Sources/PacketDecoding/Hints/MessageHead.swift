/// What the head of an HTTP/1 message (RFC 9112) says of the connection: a few facts, never the text.
@usableFromInline
package struct MessageHead: Sendable, BitwiseCopyable, Equatable {
  /// The value of Content-Length, `.max` for anything larger; meaningful only with `facts.hasContentLength`.
  @usableFromInline package internal(set) var contentLength: UInt64
  /// Of `Keep-Alive: timeout=5, max=100`, at most 65535; meaningful only where `facts` say so.
  @usableFromInline package internal(set) var keepAliveTimeout: UInt16
  @usableFromInline package internal(set) var keepAliveMaximum: UInt16
  /// 100 to 999; 0 for a request.
  @usableFromInline package internal(set) var status: UInt16
  @usableFromInline package internal(set) var facts: HeadFacts
  /// Of a request.
  @usableFromInline package internal(set) var method: HTTPMethod

  @inlinable
  package init() {
    (contentLength, keepAliveTimeout, keepAliveMaximum) = (0, 0, 0)
    (status, facts, method) = (0, HeadFacts(), .other)
  }

  @inlinable package var isRequest: Bool { status == 0 }

  /// Whether it answers a request, and does not announce an answer: any status but 1xx, and 101.
  @inlinable package var isFinalAnswer: Bool { status == 101 || status >= 200 }
}

/// The methods that say something about framing or purpose; all others are `other`.
@usableFromInline
package enum HTTPMethod: UInt8, Sendable, BitwiseCopyable {
  case other
  case connect, delete, get, head, options, patch, post, put, trace

  init(_ word: WordHash) {
    self =
      switch word.value {
      case Word.connect: .connect
      case Word.delete: .delete
      case Word.get: .get
      case Word.head: .head
      case Word.options: .options
      case Word.patch: .patch
      case Word.post: .post
      case Word.put: .put
      case Word.trace: .trace
      default: .other
      }
  }
}

/// Yes-or-no facts of a head.
@usableFromInline
package struct HeadFacts: Sendable, BitwiseCopyable, Equatable {
  @usableFromInline package var rawValue: UInt16

  @inlinable
  package init(rawValue: UInt16 = 0) {
    self.rawValue = rawValue
  }

  @inlinable subscript(mask: UInt16) -> Bool {
    @inline(__always) get { rawValue & mask != 0 }
    @inline(__always) set { rawValue = newValue ? rawValue | mask : rawValue & ~mask }
  }

  /// The start line was seen up to its version; before that, a request is known by its method alone.
  @inlinable package internal(set) var isConfirmed: Bool {
    get { self[0x0001] }
    set { self[0x0001] = newValue }
  }
  @inlinable package internal(set) var isHTTP10: Bool {
    get { self[0x0002] }
    set { self[0x0002] = newValue }
  }
  /// `Connection: close`, alone or among other options.
  @inlinable package internal(set) var asksClose: Bool {
    get { self[0x0004] }
    set { self[0x0004] = newValue }
  }
  @inlinable package internal(set) var asksKeepAlive: Bool {
    get { self[0x0008] }
    set { self[0x0008] = newValue }
  }
  package internal(set) var asksUpgrade: Bool {
    get { self[0x0010] }
    set { self[0x0010] = newValue }
  }
  package internal(set) var namesWebSocket: Bool {
    get { self[0x0020] }
    set { self[0x0020] = newValue }
  }
  package internal(set) var namesH2C: Bool {
    get { self[0x0040] }
    set { self[0x0040] = newValue }
  }
  @inlinable package internal(set) var hasContentLength: Bool {
    get { self[0x0080] }
    set { self[0x0080] = newValue }
  }
  /// A Content-Length that is no number, or two that differ (RFC 9112, 6.3).
  @inlinable package internal(set) var hasInvalidLength: Bool {
    get { self[0x0100] }
    set { self[0x0100] = newValue }
  }
  @inlinable package internal(set) var hasTransferEncoding: Bool {
    get { self[0x0200] }
    set { self[0x0200] = newValue }
  }
  /// The last transfer coding is `chunked`: it ends the message.
  @inlinable package internal(set) var endsChunked: Bool {
    get { self[0x0400] }
    set { self[0x0400] = newValue }
  }
  package internal(set) var expectsContinue: Bool {
    get { self[0x0800] }
    set { self[0x0800] = newValue }
  }
  @inlinable package internal(set) var hasKeepAliveTimeout: Bool {
    get { self[0x1000] }
    set { self[0x1000] = newValue }
  }
  @inlinable package internal(set) var hasKeepAliveMaximum: Bool {
    get { self[0x2000] }
    set { self[0x2000] = newValue }
  }
  /// The connection preface of HTTP/2 (RFC 9113, 3.4) where a request would stand.
  @inlinable package internal(set) var isHTTP2Preface: Bool {
    get { self[0x4000] }
    set { self[0x4000] = newValue }
  }

  /// Whether the sender means to go on with the connection after this message (RFC 9112, 9.3).
  @inlinable package var persists: Bool { !asksClose && (!isHTTP10 || asksKeepAlive) }
}
