@testable import ConnectionTracking

extension ConversationCase {
  static let others: [ConversationCase] = [
    ConversationCase(
      "turns",
      [.open, .client("PING\r\n"), .server("PONG\r\n"), .client("PING\r\n"), .server("PO"), .server("NG\r\n")],
      expect: "other 2/2"
    ),
    ConversationCase(
      "a banner is no answer",
      [.open, .server("220 mail\r\n"), .client("EHLO a\r\n"), .server("250 ok\r\n")],
      expect: "other 1/1"
    ),
    ConversationCase("nothing captured", [.open, get, ok, get, ok], snapLength: 0, expect: "notCaptured 2/2"),
    ConversationCase(
      "TLS 1.3",
      tls13 + [
        .serverRecords("23:250 23:250"), .clientRecords("23:100"), .serverRecords("23:500"), .clientRecords("23:100"),
        .serverRecords("23:500"),
      ],
      expect: "tls 2/2"
    ),
    ConversationCase(
      "TLS 1.3, the request with the handshake",
      [
        .open, .clientRecords("client-hello"), .serverRecords("server-hello-13 20:1 23:800"),
        .clientRecords("20:1 23:53 23:100"), .serverRecords("23:250"), .serverRecords("23:500"),
      ],
      expect: "tls 1/1"
    ),
    ConversationCase(
      "TLS 1.3, close_notify",
      tls13 + [.clientRecords("23:100"), .serverRecords("23:500"), .clientRecords("23:19"), .clientFIN],
      expect: "tls 1/1 client-alert first idle=0"
    ),
    ConversationCase(
      "TLS 1.2",
      tls12 + [.clientRecords("23:100"), .serverRecords("23:500"), .clientRecords("21:26"), .clientFIN],
      expect: "tls 1/1 client-alert first idle=0"
    ),
    ConversationCase(
      "TLS 1.3, a farewell after a silence",
      tls13 + [.clientRecords("23:100"), .serverRecords("23:500"), .wait(2), .serverRecords("23:19"), .serverFIN],
      expect: "tls 1/1 server-alert first idle=2"
    ),
    ConversationCase(
      "TLS 1.3, a farewell to one who has closed",
      tls13 + [.clientRecords("23:100"), .serverRecords("23:500"), .wait(2), .serverFIN, .clientRecords("23:19")],
      expect: "tls 1/1 client-alert idle=2"
    ),
    ConversationCase(
      "TLS 1.3, a farewell with the answer",
      tls13 + [.clientRecords("23:100"), .wait(2), .serverRecords("23:500 23:19"), .serverFIN],
      expect: "tls 1/1 server-alert first idle=0"
    ),
    ConversationCase(
      "TLS 1.2, a farewell after a silence",
      tls12 + [.clientRecords("23:100"), .serverRecords("23:500"), .wait(2), .serverRecords("21:26"), .serverFIN],
      expect: "tls 1/1 server-alert first idle=2"
    ),
    ConversationCase("TLS 1.2 without a request", tls12, expect: "tls 0/0"),
    ConversationCase(
      "h2 offered in TLS 1.3",
      [
        .open, .clientRecords("client-hello-h2"), .serverRecords("server-hello-13 20:1 23:800"),
        .clientRecords("20:1 23:53 23:100"), .serverRecords("23:500"),
      ],
      expect: "tls 1/1 null"
    ),
    ConversationCase(
      "h2 offered and not chosen in TLS 1.2",
      [
        .open, .clientRecords("client-hello-h2"), .serverRecords("server-hello-12"), .clientRecords("20:1 22:40"),
        .clientRecords("23:100"), .serverRecords("23:500"),
      ],
      expect: "tls 1/1"
    ),
    ConversationCase(
      "h2 chosen in TLS 1.2",
      [
        .open, .clientRecords("client-hello-h2"), .serverRecords("server-hello-12-h2"), .clientRecords("20:1 22:40"),
        .clientRecords("23:100"), .serverRecords("23:500"),
      ],
      expect: "tls 1/1 null"
    ),
    ConversationCase(
      "long records, cut",
      tls13 + [
        .clientRecords("23:100"), .serverRecords("23:9000 23:9000"), .clientRecords("23:100"),
        .serverRecords("23:9000"),
      ],
      snapLength: 256,
      expect: "tls 2/2"
    ),
    ConversationCase(
      "probes, answered",
      [.open, get, ok, .wait(15), .serverProbe, .wait(15), .serverProbe],
      expect: "http1 1/1 server-probes=2/0@15"
    ),
    ConversationCase(
      "probes, unanswered",
      [.open, get, ok, .silent(.client), .wait(15), .serverProbe, .wait(3), .serverProbe],
      expect: "http1 1/1 server-probes=2/2@3"
    ),
    ConversationCase(
      "probes do not end a silence",
      [.open, get, ok, .wait(15), .clientProbe, .wait(15), get],
      expect: "http1 2/1 gap=30 client-probes=1/0@15"
    ),
  ]
}
