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

extension Role {
  /// In JSON.
  package var name: String { self == .client ? "client" : "server" }
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
