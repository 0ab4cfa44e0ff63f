/// How the body of a message ends (RFC 9112, 6.3).
@usableFromInline
package enum BodyFraming: Sendable, BitwiseCopyable, Equatable {
  case none
  case length(UInt64)
  case chunked
  /// With the connection.
  case untilClose
  /// The head contradicts itself: the receiver refuses the message, and closes.
  case invalid
}

extension MessageHead {
  /// How the body after this head, seen to its end, is delimited.
  ///
  /// - Parameter method: that of the request a response answers; it decides whether there can be a body.
  @inlinable @inline(__always)
  package func framing(answering method: HTTPMethod? = nil) -> BodyFraming {
    if !isRequest {
      if status < 200 || status == 204 || status == 304 { return .none }
      // `==` of an optional enum asks for a witness.
      switch method {
      case .head: return .none
      case .connect: if status < 300 { return .none }
      default: break
      }
    }
    if facts.hasTransferEncoding { return facts.endsChunked ? .chunked : isRequest ? .invalid : .untilClose }
    if facts.hasInvalidLength { return .invalid }
    if facts.hasContentLength { return .length(contentLength) }
    return isRequest ? .none : .untilClose
  }
  /// The length of the body of most messages: of a request that says nothing of a body, or where nothing but
  /// Content-Length does, whatever it answers but HEAD and CONNECT. `framing` says the same; nil where more is to be
  /// asked.
  @inlinable package var usualBodyLength: UInt64? {
    @inline(__always) get {
      let framed = facts.rawValue & HeadFacts.framing
      if framed == 0, status == 0 { return 0 }
      guard framed == HeadFacts.plainLength, status == 0 || status >= 200, status != 204, status != 304 else {
        return nil
      }
      return contentLength
    }
  }
}

extension HeadFacts {
  /// All that tells how a body ends.
  @inlinable static var framing: UInt16 { @inline(__always) get { 0x4780 } }

  @inlinable static var plainLength: UInt16 { @inline(__always) get { 0x0080 } }
}
