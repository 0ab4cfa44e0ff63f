extension CloseCause {
  /// What `tcpstated explain` says of it.
  package var explanation: Explanation {
    let (sentence, sign, advice) = words
    return Explanation(id: name, kind: .cause, sentence: sentence, sign: sign, advice: advice)
  }

  private var words: (sentence: String, sign: String, advice: String) {
    switch self {
    case .refused, .probe, .noResponse, .clientGaveUp, .processExit, .drain: failures
    case .requestUnread, .responseUnread, .http10, .clientAsked, .serverAsked: messages
    case .maxRequests, .maxAge, .serverIdle, .clientIdle, .reuseRace: limits
    case .poolOverflow, .noPool, .clientDone: pools
    case .middlebox, .deadPeer, .tlsOpaque, .unknown: doubts
    }
  }

  private var failures: (sentence: String, sign: String, advice: String) {
    switch self {
    case .refused:
      (
        "Nobody listens at the address and port.", "RST in answer to the SYN.",
        "Look whether the server runs, where it listens (ss -ltn), and whether a firewall answers in its place."
      )
    case .probe:
      (
        "Opened and closed without a word: a health check, a port scan.", "No payload either way.",
        "Harmless. A check that sends a request on a connection it keeps costs less."
      )
    case .noResponse:
      (
        "The server closed without an answer to a request.",
        "FIN or RST from the server while a request was outstanding.",
        "Look for crashes, for worker time-outs, and for rules that drop requests (nginx: return 444)."
      )
    case .clientGaveUp:
      (
        "The client closed before the answer came.", "FIN or RST from the client while a request was outstanding.",
        "Compare the client's time-out with how long the server takes."
      )
    case .processExit:
      (
        "The server's process ended and took its connections along.",
        "Three or more connections closed by the server within 50 ms; then connections were refused.",
        "Look at the server's log and its supervisor for that moment."
      )
    default:
      (
        "The server closed its connections and went on: a reload, a worker that was replaced.",
        "Three or more connections closed by the server within 50 ms; others were opened afterwards.",
        "Harmless now and then. Let clients repeat requests that are safe to repeat."
      )
    }
  }

  private var messages: (sentence: String, sign: String, advice: String) {
    switch self {
    case .requestUnread:
      (
        "The server answered without reading the request to its end.",
        "An answer before the request was whole, or 413, then the close.",
        "Usually a limit on the size of requests (413), or a body that the handler never reads."
      )
    case .responseUnread:
      (
        "The client closed with part of the answer unread.",
        "FIN or RST from the client before the promised length was acknowledged.",
        "Read the body to its end before you close it (Go: io.Copy(io.Discard, body); then body.Close())."
      )
    case .http10:
      (
        "An HTTP/1.0 request without keep-alive.", "Version 1.0 and no Connection: keep-alive.",
        "Let the client speak 1.1; behind nginx: proxy_http_version 1.1 and proxy_set_header Connection \"\"."
      )
    case .clientAsked:
      (
        "The client asked for the close.", "Connection: close in the request.",
        "Remove what sends it (Go: DisableKeepAlives, Request.Close; curl: a header by hand)."
      )
    default:
      (
        "The server alone asked for the close.", "Connection: close in the answer only.",
        "Look at the server's keep-alive setting; many servers close after an error, too."
      )
    }
  }

  private var limits: (sentence: String, sign: String, advice: String) {
    switch self {
    case .maxRequests:
      (
        "The server's limit of requests for a connection.",
        "Connection: close in the answer, as the N-th on most connections; or the client's close after Keep-Alive: max=1.",
        "Raise it if connections are short-lived (nginx: keepalive_requests; Apache: MaxKeepAliveRequests)."
      )
    case .maxAge:
      (
        "The server's limit of age for a connection.",
        "Connection: close in the answer, at the same age on most connections of the service.",
        "Usually wanted, to spread load (nginx: keepalive_time)."
      )
    case .serverIdle:
      (
        "The server's idle time-out ran out.", "FIN from the server after a silence, with nothing outstanding.",
        "Let the client give up first: its idle limit at least a second below the server's time-out."
      )
    case .clientIdle:
      (
        "The client's idle limit ran out.", "FIN from the client after a silence, with nothing outstanding.",
        "Usually as it should be. The TIME_WAIT is then the client's."
      )
    default:
      (
        "A request met the server's close on the way: it was lost.",
        "A request within a round trip of the server's FIN, answered by RST.",
        "Let the client give up idle connections before the server does, and repeat requests that are safe to repeat."
      )
    }
  }

  private var pools: (sentence: String, sign: String, advice: String) {
    switch self {
    case .poolOverflow:
      (
        "The client's pool was full: a connection that could have been kept was closed.",
        "FIN from the client at once after an answer, while others of the same client were used again; or unused.",
        "Enlarge the pool to what runs at a time (Go: MaxIdleConnsPerHost, 2 by default; Apache HttpClient: maxPerRoute)."
      )
    case .noPool:
      (
        "A connection for one request: nothing is kept.",
        "FIN from the client at once after the only answer, and no connection of the client is used again.",
        "Use one client for all requests (Go: one http.Client; Python: requests.Session) and read each body to its end."
      )
    default:
      (
        "The client was through with its work.",
        "FIN from the client at once after more than one answer.", "As it should be: a batch, a command."
      )
    }
  }

  private var doubts: (sentence: String, sign: String, advice: String) {
    switch self {
    case .middlebox:
      (
        "Something between the ends forgot the connection.", "RST, and no FIN, after more than 239 s of silence.",
        "Load balancers and NAT forget after 240 s or 350 s: keep-alive probes, or a client's idle limit, below that."
      )
    case .deadPeer:
      (
        "One end has gone without a word.", "Three or more keep-alive probes that nobody answered.",
        "Look at that host and the way to it. net.ipv4.tcp_keepalive_time, _intvl and _probes say how soon it shows."
      )
    case .tlsOpaque:
      (
        "Encrypted, and neither sizes nor silences tell the reason.", "TLS, and none of the other signs.",
        "The server's access log knows; look at the connections themselves."
      )
    default:
      (
        "None of the reasons that are known.", "No sign fits, or the connection expired.",
        "Look at the connections themselves: tcpstated connections cause unknown."
      )
    }
  }
}
