/// What to change, and how the setting is called in the programs that have one.
struct Remedy: Sendable {
  /// Whose setting it is.
  enum Place {
    case client, server
  }

  let place: Place
  /// What to do, whatever the program.
  let lead: String
  let settings: [(product: Product, text: String)]
  /// What comes after the settings.
  let rest: String
  /// The advice where the program is not known: most findings have it, and of hundreds of services there are thousands
  /// a minute.
  private let brief: String

  /// As many as a sentence bears; `tcpstated explain` names all.
  static let briefly = 6

  init(place: Place, lead: String, settings: [(product: Product, text: String)], rest: String = "") {
    self.place = place
    self.lead = lead
    self.settings = settings
    self.rest = rest
    brief = Self.text(lead, settings.prefix(Self.briefly), rest)
  }

  /// The advice; of the program at hand alone when it is known and has a setting, otherwise of those that come first.
  func text(for program: Product? = nil, atMost limit: Int = .max) -> String {
    if let program, settings.contains(where: { $0.product == program }) {
      return Self.text(lead, settings.filter { $0.product == program }[...], rest)
    }
    return limit == Self.briefly ? brief : Self.text(lead, settings.prefix(limit), rest)
  }

  private static func text(
    _ lead: String,
    _ chosen: ArraySlice<(product: Product, text: String)>,
    _ rest: String
  ) -> String {
    let list = chosen.map { "\($0.product.rawValue): \($0.text)" }.joined(separator: "; ")
    return [list.isEmpty ? lead : "\(lead) \(list).", rest].filter { !$0.isEmpty }.joined(separator: " ")
  }
}

// MARK: - Of clients

extension Remedy {
  static let reuseConnections = Remedy(
    place: .client,
    lead: "Use one client for all requests, and let it keep its connections.",
    settings: [
      (.go, "one http.Client, each body read to EOF and closed"),
      (.java, "one HttpClient; HttpURLConnection reads the stream to its end, without disconnect()"),
      (.apacheHttpClient, "one client with a PoolingHttpClientConnectionManager, EntityUtils.consume"),
      (.python, "requests.Session, one httpx.Client"), (.node, "new http.Agent({ keepAlive: true })"),
      (.nginx, "keepalive in upstream, proxy_http_version 1.1, proxy_set_header Connection \"\""),
      (.dotnet, "one HttpClient, or IHttpClientFactory"), (.php, "one curl handle, CURLOPT_FORBID_REUSE off"),
      (.curl, "several URLs in one command"),
      (.apache, "ProxyPass with enablereuse=on"), (.haproxy, "http-reuse safe, no option httpclose"),
    ]
  )

  static let enlargePool = Remedy(
    place: .client,
    lead: "Let the client keep as many idle connections as run at a time.",
    settings: [
      (.go, "Transport.MaxIdleConnsPerHost (2 by default), and MaxConnsPerHost to bound them"),
      (.java, "http.maxConnections (5 for HttpURLConnection), jdk.httpclient.connectionPoolSize"),
      (.apacheHttpClient, "setMaxConnPerRoute (5, in version 4: 2) and setMaxConnTotal"),
      (.python, "HTTPAdapter(pool_maxsize=...) (10), httpx.Limits(max_keepalive_connections=...)"),
      (.node, "the agent's maxFreeSockets (256) and maxSockets"),
      (.nginx, "a larger number in upstream's keepalive"),
      (.dotnet, "SocketsHttpHandler.MaxConnectionsPerServer"), (.curl, "CURLMOPT_MAXCONNECTS"),
      (.haproxy, "pool-max-conn on the server line"),
      (.envoy, "the cluster's circuit_breakers max_connections"),
    ]
  )

  static let stopAskingForClose = Remedy(
    place: .client,
    lead: "Remove what sends Connection: close.",
    settings: [
      (.go, "DisableKeepAlives and Request.Close stay false"),
      (.java, "http.keepAlive stays true, no Connection header by hand"),
      (.apacheHttpClient, "no NoConnectionReuseStrategy"), (.python, "no Connection header on the Session"),
      (.node, "an agent with keepAlive: true (Node before 19 sends close)"),
      (.nginx, "proxy_http_version 1.1 and proxy_set_header Connection \"\""),
      (.dotnet, "ConnectionClose stays false"), (.php, "no Connection: close in the stream context's header"),
      (.apache, "no SetEnv proxy-nokeepalive"), (.haproxy, "no option httpclose, no option forceclose"),
    ]
  )

  static let speakHTTP11 = Remedy(
    place: .client,
    lead: "Let the client speak HTTP/1.1, or send Connection: keep-alive.",
    settings: [
      (.nginx, "proxy_http_version 1.1 and proxy_set_header Connection \"\""),
      (.apache, "no SetEnv force-proxy-request-1.0; ab: -k"), (.php, "'protocol_version' => 1.1 in the stream context"),
      (.haproxy, "checks with http-check send ver HTTP/1.1"), (.curl, "no --http1.0"),
    ]
  )

  static let readAnswers = Remedy(
    place: .client,
    lead: "Read each answer to its end before it is closed; a connection with unread octets cannot be used again.",
    settings: [
      (.go, "io.Copy(io.Discard, resp.Body), then resp.Body.Close()"),
      (.java, "BodyHandlers.discarding(), or read the stream to -1"),
      (.apacheHttpClient, "EntityUtils.consume(entity)"),
      (.python, "with stream=True: read response.content, or close"),
      (.node, "response.resume()"), (.dotnet, "read the content with ResponseHeadersRead"),
      (.nginx, "proxy_ignore_client_abort on, if callers go away"),
    ]
  )

  static let giveUpIdleFirst = Remedy(
    place: .client,
    lead: "Let the client give up idle connections first.",
    settings: [
      (.go, "Transport.IdleConnTimeout"), (.java, "jdk.httpclient.keepalive.timeout, http.keepAlive.time.server"),
      (.apacheHttpClient, "evictIdleConnections, or the connection's time to live"),
      (.python, "httpx.Limits(keepalive_expiry=...); requests has none: Retry on connection errors"),
      (.node, "the agent's timeout; agentkeepalive's freeSocketTimeout"),
      (.nginx, "keepalive_timeout in upstream"), (.dotnet, "PooledConnectionIdleTimeout"),
      (.haproxy, "pool-purge-delay"), (.envoy, "the cluster's idle_timeout"), (.curl, "CURLOPT_MAXAGE_CONN"),
    ]
  )

  static let waitLonger = Remedy(
    place: .client,
    lead:
      "Compare the client's time-out with how long the server takes: answers that come too late are work for nothing.",
    settings: [
      (.go, "http.Client.Timeout, Transport.ResponseHeaderTimeout, the context's deadline"),
      (.java, "HttpRequest.timeout, setReadTimeout"), (.apacheHttpClient, "RequestConfig.setResponseTimeout"),
      (.python, "timeout="), (.node, "the request's timeout"), (.nginx, "proxy_read_timeout (60 s)"),
      (.dotnet, "HttpClient.Timeout"), (.curl, "--max-time"), (.apache, "ProxyTimeout"),
      (.haproxy, "timeout server"), (.envoy, "the route's timeout (15 s)"),
    ]
  )
}

// MARK: - Of servers

extension Remedy {
  static let keepConnectionsAlive = Remedy(
    place: .server,
    lead: "Switch keep-alive on; many servers also close after an error, or when a request was not read to its end.",
    settings: [
      (.nginx, "keepalive_timeout above 0, keepalive_disable, lingering_close"), (.apache, "KeepAlive On"),
      (.tomcat, "maxKeepAliveRequests other than 1"), (.node, "server.keepAliveTimeout, no Connection header by hand"),
      (.go, "no SetKeepAlivesEnabled(false); read request bodies (over 256 KiB unread, it closes)"),
      (.haproxy, "no option httpclose, timeout http-keep-alive"),
      (.gunicorn, "workers of gthread or an async class: sync ones keep nothing"),
      (.php, "behind a server that keeps alive: php -S does not"), (.python, "protocol_version = \"HTTP/1.1\""),
    ]
  )

  static let raiseRequestLimit = Remedy(
    place: .server,
    lead: "Raise the limit if connections become short-lived by it.",
    settings: [
      (.nginx, "keepalive_requests"), (.apache, "MaxKeepAliveRequests (0: none)"),
      (.tomcat, "maxKeepAliveRequests (-1: none)"), (.node, "server.maxRequestsPerSocket (0: none)"),
      (.puma, "max_keep_alive, max_fast_inline"), (.envoy, "max_requests_per_connection"),
    ]
  )

  static let raiseAgeLimit = Remedy(
    place: .server,
    lead: "Usually wanted, to spread load over servers; raise it if connections become short-lived by it.",
    settings: [
      (.nginx, "keepalive_time (1 h)"), (.envoy, "max_connection_duration"),
      (.haproxy, "hard-stop-after with reloads"),
    ]
  )

  static let raiseIdleTimeout = Remedy(
    place: .server,
    lead: "Raise the server's idle time-out above the clients'.",
    settings: [
      (.nginx, "keepalive_timeout"), (.apache, "KeepAliveTimeout"), (.tomcat, "keepAliveTimeout"),
      (.node, "server.keepAliveTimeout, and headersTimeout above it"), (.go, "Server.IdleTimeout"),
      (.haproxy, "timeout http-keep-alive"), (.jetty, "idleTimeout"), (.gunicorn, "--keep-alive"),
      (.uvicorn, "--timeout-keep-alive"), (.puma, "persistent_timeout"), (.dotnet, "Limits.KeepAliveTimeout"),
      (.envoy, "common_http_protocol_options.idle_timeout"),
    ]
  )

  static let takeRequestsWhole = Remedy(
    place: .server,
    lead: "Usually a limit on the size of requests (413), or a handler that answers without reading the body.",
    settings: [
      (.nginx, "client_max_body_size"), (.apache, "LimitRequestBody"), (.tomcat, "maxSwallowSize, maxPostSize"),
      (.go, "http.MaxBytesReader"), (.node, "the body parser's limit"), (.dotnet, "MaxRequestBodySize"),
    ],
    rest: "Expect: 100-continue lets a client ask first."
  )

  static let answerRequests = Remedy(
    place: .server,
    lead: "Look for crashes and worker time-outs in the server's log, and for rules that drop requests.",
    settings: [
      (.nginx, "return 444, limit_req, worker_processes that exit"), (.apache, "MaxConnectionsPerChild, segfaults"),
      (.gunicorn, "--timeout kills a worker, --max-requests replaces it"),
      (.haproxy, "tcp-request reject, silent-drop"),
      (.node, "uncaughtException, server.requestTimeout"), (.php, "pm.max_requests, request_terminate_timeout"),
    ]
  )

  static let enlargeBacklog = Remedy(
    place: .server,
    lead: "Accept faster (more workers, nothing that blocks the accepting thread), or let more wait.",
    settings: [
      (.nginx, "listen ... backlog=, worker_processes, multi_accept"), (.apache, "ListenBacklog, MaxRequestWorkers"),
      (.tomcat, "acceptCount, maxConnections"), (.node, "server.listen({ backlog })"), (.haproxy, "backlog, maxconn"),
      (.gunicorn, "--backlog, --workers"), (.go, "net.core.somaxconn is its backlog"), (.php, "listen.backlog"),
    ],
    rest: """
      The kernel takes the smaller of the backlog and net.core.somaxconn; ss -ltn shows what waits (Recv-Q) and the limit \
      (Send-Q). A listener with TCP_DEFER_ACCEPT sends SYN-ACKs again without being full.
      """
  )
}
