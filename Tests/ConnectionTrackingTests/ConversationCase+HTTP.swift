@testable import ConnectionTracking

extension ConversationCase {
  static let http: [ConversationCase] = [
    ConversationCase("nothing said", [.open, .clientFIN, .serverFIN], expect: "unknown 0/0"),
    ConversationCase("one", [.open, get, ok, .clientFIN, .serverFIN], expect: "http1 1/1 idle=0"),
    ConversationCase("two with a silence", [.open, get, ok, .wait(5), get, ok], expect: "http1 2/2 gap=5"),
    ConversationCase("still waiting", [.open, get], expect: "http1 1/0"),
    ConversationCase(
      "repeated segments count once",
      [.open, get, .repeatLast, ok, .repeatLast, .repeatLast],
      expect: "http1 1/1"
    ),
    ConversationCase(
      "100 Continue is no answer",
      [.open, .client(post), continued, .client("0123456789"), ok],
      expect: "http1 1/1"
    ),
    ConversationCase("only 100 Continue", [.open, .client(post), continued], expect: "http1 1/0"),
    ConversationCase(
      "an answer after the client's FIN",
      [.open, get, .clientFIN, ok],
      expect: "http1 1/0 outstanding idle=0"
    ),
    ConversationCase(
      "pipelined in one segment",
      [.open, .client("GET / HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n"), ok, ok],
      expect: "http1 2/2 pipelined"
    ),
    ConversationCase(
      "answers in one segment",
      [.open, get, get, .server("HTTP/1.1 204 No\r\n\r\nHTTP/1.1 204 No\r\n\r\n")],
      expect: "http1 2/2 pipelined"
    ),
    ConversationCase(
      "a head split in three",
      [.open, .client("G"), .client("ET / HTTP/1"), .client(".1\r\nHost: a\r\n\r\n"), ok],
      expect: "http1 1/1"
    ),
    ConversationCase(
      "close in the split part",
      [.open, get, .server("HTTP/1.1 200 OK\r\nConn"), .server("ection: close\r\nContent-Length: 0\r\n\r\n")],
      expect: "http1 1/1 server-close"
    ),
    ConversationCase(
      "a body that looks like a head",
      [
        .open, get, .server("HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n"), .server("HTTP/1.1 200 OK\r\n\r\n"), get,
        ok,
      ],
      expect: "http1 2/2"
    ),
    ConversationCase(
      "a request body of known length",
      [.open, .client(post), .client("GET / HTTP"), ok, get, ok],
      expect: "http1 2/2"
    ),
    ConversationCase(
      "chunked",
      [.open, get, .server(chunkedHead), .server("2\r\nhi\r\n0\r\n\r\n"), get, ok],
      expect: "http1 2/2"
    ),
    ConversationCase(
      "chunked, its end not captured",
      [.open, get, .server(chunkedHead + "2\r\nhi\r\n"), .serverOctets(5000), get, ok],
      snapLength: 256,
      expect: "http1 2/2"
    ),
    ConversationCase(
      "HEAD has no body",
      [.open, .client("HEAD / HTTP/1.1\r\n\r\n"), .server("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"), get, ok],
      expect: "http1 2/2"
    ),
    ConversationCase(
      "a head longer than the snap length",
      [.open, .client("GET /?" + String(repeating: "x", count: 90) + " HTTP/1.1\r\nHost: a\r\n\r\n"), ok, get, ok],
      snapLength: 64,
      expect: "http1 2/2"
    ),
    ConversationCase(
      "a long body after the snap length",
      [
        .open, get, .server("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + String(repeating: "x", count: 1000)),
        get, ok,
      ],
      snapLength: 64,
      expect: "http1 2/2"
    ),
    ConversationCase(
      "a piece of the body was lost",
      [
        .open, get, .server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab"), .lost(.server, 5), .server("hij"), get,
        ok,
      ],
      expect: "http1 2/2"
    ),
    ConversationCase(
      "an answer was lost",
      [.open, get, .lost(.server, 200), .acknowledge(.client), get, ok],
      expect: "http1 2/1 pipelined"
    ),
    ConversationCase(
      "408 that nobody asked for",
      [.open, .wait(10), .server("HTTP/1.1 408 Timeout\r\nConnection: close\r\n\r\n"), .serverFIN],
      expect: "http1 0/0 unsolicited server-close idle=0"
    ),
    ConversationCase(
      "WebSocket",
      [
        .open, .client("GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
        .server("HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"), .clientOctets(9),
        .serverOctets(9), .client("GET / HTTP/1.1\r\n\r\n"),
      ],
      expect: "http1 1/1 upgraded"
    ),
    ConversationCase(
      "CONNECT",
      [
        .open, .client("CONNECT a:443 HTTP/1.1\r\n\r\n"), .server("HTTP/1.1 200 OK\r\n\r\n"), .clientOctets(9),
        .serverOctets(9),
      ],
      expect: "http1 1/1 upgraded"
    ),
    ConversationCase(
      "HTTP/2",
      [.open, .client("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), .serverOctets(30)],
      expect: "http2 1/0 null"
    ),
    ConversationCase(
      "who closed asked for it",
      [.open, .client("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), ok, .serverFIN],
      expect: "http1 1/1 client-close idle=0"
    ),
    ConversationCase(
      "Keep-Alive announced",
      [
        .open, get, .server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=5, max=99\r\n\r\n"), .wait(5),
        .serverFIN,
      ],
      expect: "http1 1/1 timeout=5 max=99 idle=5"
    ),
    ConversationCase(
      "an idle close",
      [.open, get, ok, .wait(2.5), .serverFIN, .clientFIN],
      expect: "http1 1/1 idle=2.5"
    ),
    ConversationCase(
      "the client gives up",
      [.open, get, .wait(3), .clientFIN],
      expect: "http1 1/0 outstanding idle=3"
    ),
    ConversationCase(
      "the body was not read",
      [.open, get, .server("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"), .serverOctets(100), .clientRST],
      expect: "http1 1/1 unread idle=0"
    ),
    ConversationCase(
      "the answer goes on after the client's FIN",
      [.open, get, .server(chunkedHead), .serverOctets(100), .clientFIN, .serverOctets(100)],
      expect: "http1 1/1 unread idle=0"
    ),
    ConversationCase(
      "an RST in the middle of chunks",
      [.open, get, .server(chunkedHead), .serverOctets(100), .clientRST],
      expect: "http1 1/1 unread idle=0"
    ),
    ConversationCase(
      "an RST after the last chunk",
      [.open, get, .server(chunkedHead), .server("2\r\nhi\r\n0\r\n\r\n"), .clientRST],
      expect: "http1 1/1 idle=0"
    ),
    ConversationCase(
      "the body came and was not acknowledged",
      [.open, get, .silent(.client), .server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), .clientRST],
      expect: "http1 1/1 unread idle=0"
    ),
    ConversationCase(
      "the body came, and the RST acknowledges it",
      [
        .open, get, .silent(.client), .server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), .attentive(.client),
        .clientRST,
      ],
      expect: "http1 1/1 idle=0"
    ),
    ConversationCase(
      "413 to a request that came whole",
      [
        .open, .client(post), .client("0123456789"),
        .server("HTTP/1.1 413 Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), .clientFIN,
      ],
      expect: "http1 1/1 server-close early idle=0"
    ),
    ConversationCase(
      "answered early, then used again",
      [.open, .client(post), ok, .client("0123456789"), get, ok],
      expect: "http1 2/2"
    ),
    ConversationCase(
      "refused before the request was through",
      [
        .open, .client("POST / HTTP/1.1\r\nContent-Length: 9000\r\n\r\n"),
        .server("HTTP/1.1 413 Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), .serverFIN,
      ],
      expect: "http1 1/1 server-close early unfinished idle=0"
    ),
    ConversationCase(
      "a request after the server's FIN",
      [.open, get, ok, .wait(5), .serverFINUnseen, get, .serverRST],
      expect: "http1 2/1 gap=5 crossed race idle=5"
    ),
    ConversationCase(
      "a request after the server's FIN was acknowledged",
      [.open, get, ok, .wait(5), .serverFIN, .wait(0.1), get, .serverRST],
      expect: "http1 2/1 gap=5.1 race idle=5"
    ),
    ConversationCase(
      "a request before the server's FIN arrives",
      [.open, get, ok, .wait(5), .silent(.server), get, .serverFINBlind, .serverRST],
      expect: "http1 2/1 gap=5 crossed race outstanding idle=5"
    ),
    ConversationCase(
      "picked up in an answer",
      [.server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), get, ok],
      expect: "http1 2/2"
    ),
    ConversationCase("picked up in a body", [.serverOctets(100), get, ok], expect: "http1 1/1"),
  ]
}
