extension Finding.Identifier {
  /// What `tcpstated explain` says of it.
  package var explanation: Explanation {
    let (sentence, sign, advice) = words
    return Explanation(id: rawValue, kind: .finding, sentence: sentence, sign: sign, advice: advice)
  }

  typealias Words = (sentence: String, sign: String, advice: String)

  private var words: Words {
    switch self {
    case .ephemeralPortsRunningOut, .timeWaitLimit, .harmlessTimeWait, .figuresIncomplete: limits
    case .closeWaitLeak, .finWait2PileUp, .halfOpenPileUp: waiting
    case .backlogOverflow, .handshakesFail, .connectionsRefused: handshakes
    case .keepAliveMismatch, .reuseRaces, .clientKeepAliveIgnored, .advertisedTimeoutDiffers, .idleTimeoutTooShort:
      timeouts
    case .noConnectionReuse, .poolTooSmall, .clientAsksForClose, .http10Clients, .answersUnread: clients
    case .serverAsksForClose, .requestLimit, .ageLimit, .serverExits, .serverReloads: servers
    case .requestsUnread, .requestsUnanswered, .clientsGiveUp, .middleboxForgets, .peersVanish: failures
    case .healthChecks, .reasonsUnknown: doubts
    }
  }

  private var limits: Words {
    switch self {
    case .ephemeralPortsRunningOut:
      (
        "A client here opens connections to one destination faster than its ports come free.",
        "A third of net.ipv4.ip_local_port_range is in use or in TIME_WAIT towards one address and port.",
        "Reuse connections. Then: more ports, more source or destination addresses, net.ipv4.tcp_tw_reuse=1."
      )
    case .timeWaitLimit:
      (
        "This host has nearly as many TIME_WAITs as its kernel keeps; what comes after has none.",
        "Half of net.ipv4.tcp_max_tw_buckets is in use, or TCPTimeWaitOverflow grows.",
        "Reuse connections, so that fewer end. Then a larger net.ipv4.tcp_max_tw_buckets: memory is all they cost."
      )
    case .harmlessTimeWait:
      (
        "TIME_WAIT costs little memory, and no port is short.",
        "A hundred TIME_WAITs or more, and no destination that uses a third of the ports.",
        "Nothing to do. TIME_WAIT keeps late segments of an old connection out of a new one."
      )
    default:
      (
        "Some packets or connections are in no figure.",
        "A thousandth of the packets was lost on the way from the kernel, or connections were shed from a full table.",
        "A larger capture.buffer, fewer interfaces, a larger memory_limit."
      )
    }
  }

  private var waiting: Words {
    switch self {
    case .closeWaitLeak:
      (
        "A program does not close connections that the other end has closed: it will run out of file descriptors.",
        "CLOSE_WAIT for more than 60 s: the peer's FIN came, none was sent, and nothing else either.",
        "Close on each path of the program, errors too. No sysctl ends CLOSE_WAIT."
      )
    case .finWait2PileUp:
      (
        "Connections that this host has closed are kept open by the other end.",
        "Ten or more in FIN_WAIT_2 for more than 60 s.",
        "Mend the far end, which is in CLOSE_WAIT. What no process holds here ends after net.ipv4.tcp_fin_timeout."
      )
    default:
      (
        "Handshakes stop half way: the last ACK does not come.",
        "Ten or more in SYN_RECEIVED for more than 3 s.",
        "Look at the way back to the clients; against a flood net.ipv4.tcp_syncookies=1 and a larger backlog."
      )
    }
  }

  private var handshakes: Words {
    switch self {
    case .backlogOverflow:
      (
        "A listener is full: new connections wait or are dropped until the program accepts some.",
        "ListenOverflows or ListenDrops grow; SYN-ACKs are sent again although the handshake's ACK came.",
        Remedy.enlargeBacklog.text()
      )
    case .handshakesFail:
      (
        "Connections do not come to be, or only after the SYN was sent again.",
        "Three or more SYNs without an answer or with an ICMP error, or ten that were sent again.",
        "Look at the way: a firewall that drops, a wrong route or address, a listener that is full."
      )
    default:
      (
        "Clients try to connect where nobody listens.",
        "Three or more SYNs of a service answered by RST.",
        "Look whether the server runs and where it listens (ss -ltn), and whether a firewall rejects in its place."
      )
    }
  }

  private var timeouts: Words {
    switch self {
    case .keepAliveMismatch:
      (
        "Clients keep idle connections as long as the server, or longer: requests are sent into closed ones.",
        "The idle limit that shows in the clients' closes is not below the server's, or requests crossed its FIN.",
        Remedy.giveUpIdleFirst.text()
      )
    case .reuseRaces:
      (
        "Requests met the server's close on their way and were lost.",
        "A request within a round trip of the server's FIN, answered by RST; too few idle closes to tell the time-out.",
        "The client's limit at least a second, and a few round trips, below the server's time-out."
      )
    case .clientKeepAliveIgnored:
      (
        "A client announces a Keep-Alive time-out of its own, and the server does not heed it.",
        "Keep-Alive: timeout in requests, longer than what shows in the server's closes or in its own header.",
        "The server's answer decides: set the client's idle limit below what that announces."
      )
    case .advertisedTimeoutDiffers:
      (
        "A server closes idle connections earlier than its Keep-Alive header announces.",
        "The time-out that shows in five closes or more is over a second shorter than Keep-Alive: timeout in answers.",
        "Look for another limit on the way: a load balancer, a limit of idle connections, the process behind."
      )
    default:
      (
        "The server's idle time-out is too short for how often its clients come: each connection serves a request or two.",
        "Half of the closes are the server's, for idleness, with two requests or fewer on each connection.",
        Remedy.raiseIdleTimeout.text()
      )
    }
  }

  private var clients: Words {
    switch self {
    case .noConnectionReuse:
      (
        "A client opens a connection for each request.",
        "no_pool: FIN from the client at once after the only answer.", Remedy.reuseConnections.text()
      )
    case .poolTooSmall:
      (
        "A client closes connections that it could have kept, and opens new ones.",
        "pool_overflow: FIN from the client at once after an answer, while others of the same client go on.",
        Remedy.enlargePool.text()
      )
    case .clientAsksForClose:
      (
        "A client asks for the close of each connection.", "client_asked: Connection: close in requests.",
        Remedy.stopAskingForClose.text()
      )
    case .http10Clients:
      (
        "A client speaks HTTP/1.0, where a connection is for one request.",
        "http10: version 1.0 and no Connection: keep-alive.", Remedy.speakHTTP11.text()
      )
    default:
      (
        "A client closes connections before it has read the answer.",
        "response_unread: FIN or RST from the client before the promised length was acknowledged.",
        Remedy.readAnswers.text()
      )
    }
  }

  private var servers: Words {
    switch self {
    case .serverAsksForClose:
      (
        "A server closes after each answer although the client would go on.",
        "server_asked: Connection: close in the answer only.", Remedy.keepConnectionsAlive.text()
      )
    case .requestLimit:
      (
        "Connections end at the server's limit of requests.",
        "max_requests: Connection: close in the answer, as the N-th on most connections.",
        Remedy.raiseRequestLimit.text()
      )
    case .ageLimit:
      (
        "Connections end at the server's limit of age.",
        "max_age: Connection: close in the answer, at the same age on most connections.", Remedy.raiseAgeLimit.text()
      )
    case .serverExits:
      (
        "A server's process ended with connections open.",
        "process_exit: three or more connections closed within 50 ms; then connections were refused.",
        "Look at the server's log and its supervisor for that moment; let it drain before it goes."
      )
    default:
      (
        "A server closed its connections together and went on.",
        "drain: three or more connections closed within 50 ms; others were opened afterwards.",
        "Harmless now and then: a reload. Let clients repeat requests that are safe to repeat."
      )
    }
  }

  private var failures: Words {
    switch self {
    case .requestsUnread:
      (
        "A server answers and closes without reading the request to its end.",
        "request_unread: an answer before the request was whole, then the close.", Remedy.takeRequestsWhole.text()
      )
    case .requestsUnanswered:
      (
        "A server closes without an answer.",
        "no_response: FIN or RST from the server while a request was outstanding.", Remedy.answerRequests.text()
      )
    case .clientsGiveUp:
      (
        "Clients close before the answer comes.",
        "client_gave_up: FIN or RST from the client while a request was outstanding.", Remedy.waitLonger.text()
      )
    case .middleboxForgets:
      (
        "A NAT or a load balancer forgets idle connections, and resets them when they are used again.",
        "middlebox: RST, and no FIN, after more than 239 s of silence.",
        "net.ipv4.tcp_keepalive_time below 240 s with SO_KEEPALIVE, or a client's idle limit below it."
      )
    default:
      (
        "Ends go without a word: a host that lost power or its network.",
        "dead_peer: three or more keep-alive probes that nobody answered.",
        "Look at that host and the way to it. net.ipv4.tcp_keepalive_time, _intvl and _probes say how soon it shows."
      )
    }
  }

  private var doubts: Words {
    switch self {
    case .healthChecks:
      (
        "Connections are opened and closed without a word, as health checks do.", "probe: no payload either way.",
        "Nothing to do. A check that sends a request on a connection it keeps costs less."
      )
    default:
      (
        "Why many connections closed does not show.",
        "unknown for a fifth of a service's closes, or tls_opaque for half of them.",
        "Look at the connections themselves: tcpstated connections cause unknown. Of TLS the server's access log knows."
      )
    }
  }
}
