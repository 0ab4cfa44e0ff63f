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
}
