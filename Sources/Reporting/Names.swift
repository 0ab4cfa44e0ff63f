package import CloseDiagnosis
package import ConnectionTracking

// The words of the contract, in one place.

extension Phase {
  /// In JSON: `TIME_WAIT`.
  package var name: String {
    switch self {
    case .closed: "CLOSED"
    case .listen: "LISTEN"
    case .synSent: "SYN_SENT"
    case .synReceived: "SYN_RECEIVED"
    case .established: "ESTABLISHED"
    case .finWait1: "FIN_WAIT_1"
    case .finWait2: "FIN_WAIT_2"
    case .closeWait: "CLOSE_WAIT"
    case .closing: "CLOSING"
    case .lastAck: "LAST_ACK"
    case .timeWait: "TIME_WAIT"
    }
  }
}

extension ClosedFirst {
  /// In JSON; nil is null.
  package var name: String? {
    switch self {
    case .none: nil
    case .client: "client"
    case .server: "server"
    case .simultaneous: "simultaneous"
    }
  }
}

extension CloseKind {
  /// In JSON; nil is null.
  package var name: String? {
    switch self {
    case .none: nil
    case .fin: "fin"
    case .rst: "rst"
    case .refused: "refused"
    case .expired: "expired"
    case .reused: "reused"
    }
  }
}

extension LocalSide {
  /// In JSON; nil is null.
  package var name: String? {
    switch self {
    case .unknown: nil
    case .client: "client"
    case .server: "server"
    case .both: "both"
    case .transit: "transit"
    }
  }
}

extension CloseCause {
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
}
