extension CloseCause {
  /// In JSON, in metrics, in filters.
  package var name: String {
    switch self {
    case .refused: "refused"
    case .probe: "probe"
    case .reuseRace: "reuse_race"
    case .processExit: "process_exit"
    case .drain: "drain"
    case .noResponse: "no_response"
    case .clientGaveUp: "client_gave_up"
    case .requestUnread: "request_unread"
    case .responseUnread: "response_unread"
    case .http10: "http10"
    case .maxRequests: "max_requests"
    case .maxAge: "max_age"
    case .clientAsked: "client_asked"
    case .serverAsked: "server_asked"
    case .serverIdle: "server_idle"
    case .clientIdle: "client_idle"
    case .poolOverflow: "pool_overflow"
    case .noPool: "no_pool"
    case .clientDone: "client_done"
    case .middlebox: "middlebox"
    case .deadPeer: "dead_peer"
    case .tlsOpaque: "tls_opaque"
    case .unknown: "unknown"
    }
  }

  /// - Parameter name: with `-` for `_`, too.
  package init?(name: some StringProtocol) {
    let name = String(name.map { $0 == "-" ? "_" : $0 })
    guard let cause = CloseCause.allCases.first(where: { $0.name == name }) else { return nil }
    self = cause
  }
}
