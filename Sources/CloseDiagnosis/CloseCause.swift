/// Why a connection closed or was not reused, in the order in which the reasons are tried: the first that fits counts.
package enum CloseCause: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  /// RST in answer to SYN.
  case refused
  /// Opened and closed without a word: health checks.
  case probe
  /// A request and the server's FIN crossed.
  case reuseRace
  /// Many connections of a service closed in one burst; then the listener was gone, or still there.
  case processExit
  case drain
  case noResponse
  case clientGaveUp
  case requestUnread
  case responseUnread
  case http10
  /// The server's announcement came with the same N-th answer, or at the same age, on all connections.
  case maxRequests
  case maxAge
  case clientAsked
  case serverAsked
  case serverIdle
  case clientIdle
  /// Closed after use while others of the same client were kept.
  case poolOverflow
  /// A fresh connection for each request.
  case noPool
  /// Closed at once after several requests.
  case clientDone
  case middlebox
  case deadPeer
  case tlsOpaque
  case unknown
}

/// What was decided of a connection.
package struct CauseVerdict: Sendable, BitwiseCopyable, Equatable {
  package var cause: CloseCause
  /// There is one for each connection that is listed.
  private var percent: UInt8

  package init(_ cause: CloseCause, confidence: Double = 1) {
    self.cause = cause
    percent = UInt8((min(max(confidence, 0), 1) * 100).rounded())
  }

  /// 1 when it was seen, less when it was inferred.
  package var confidence: Double { Double(percent) / 100 }
}
