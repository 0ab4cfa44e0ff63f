/// What there is to know of a cause or a finding, whatever the connection.
package struct Explanation: Sendable {
  package enum Kind: String, Sendable {
    case cause, finding
  }

  package var id: String
  package var kind: Kind
  package var sentence: String
  /// How it shows.
  package var sign: String
  package var advice: String

  /// Causes in the order in which they are tried, then findings.
  package static var all: [Explanation] {
    CloseCause.allCases.map(\.explanation) + Finding.Identifier.allCases.map(\.explanation)
  }

  /// - Parameter id: `-` and `_` are the same.
  package init?(id: String) {
    func plain(_ id: String) -> String { String(id.map { $0 == "_" ? "-" : $0 }) }
    guard let explanation = Self.all.first(where: { plain($0.id) == plain(id.lowercased()) }) else { return nil }
    self = explanation
  }

  init(id: String, kind: Kind, sentence: String, sign: String, advice: String) {
    self.id = id
    self.kind = kind
    self.sentence = sentence
    self.sign = sign
    self.advice = advice
  }
}

extension Finding.Identifier {
  package var explanation: Explanation {
    let (sentence, sign, advice) = words
    return Explanation(id: rawValue, kind: .finding, sentence: sentence, sign: sign, advice: advice)
  }

  private var words: (sentence: String, sign: String, advice: String) {
    switch self {
    case .keepAliveMismatch:
      (
        "Clients keep idle connections as long as the server, or longer: requests are sent into closed ones.",
        "The idle limit that shows in the clients' closes is not below the server's, or requests crossed its FIN.",
        "The client's limit at least a second, and a few round trips, below the server's time-out."
      )
    case .clientKeepAliveIgnored:
      (
        "A client announces a Keep-Alive time-out of its own, and the server does not heed it.",
        "Keep-Alive: timeout in requests, longer than the time-out that shows in the server's closes.",
        "The server's answer decides: set the client's idle limit below what that announces."
      )
    case .ephemeralPortsRunningOut:
      (
        "A client here opens connections to one destination faster than its ports come free.",
        "Ports in use or in TIME_WAIT towards one address and port, against net.ipv4.ip_local_port_range.",
        "Reuse connections. Then: more ports, more source or destination addresses, net.ipv4.tcp_tw_reuse=1."
      )
    case .harmlessTimeWait:
      (
        "TIME_WAIT costs little memory, and no port is short.",
        "TIME_WAIT of this host, and no destination that uses a third of the ports.",
        "Nothing to do. TIME_WAIT keeps late segments of an old connection out of a new one."
      )
    }
  }
}
