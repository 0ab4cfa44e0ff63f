import ConnectionTracking

extension Story {
  /// Closes in which something comes twice, late, or not at all.
  static let closing: [Story] = [
    Story(
      name: "FIN and RST in one segment is an RST",
      script: handshake + """
        +0    >  FR 1:1(0) ack 1          CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .rst,
      connState: "RSTO",
      history: "ShAI",
      anomalies: ["syn_with_fin_or_rst": 1]
    ),
    Story(
      name: "a FIN again, unanswered until it expires",
      script: handshake + """
        +0    >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        +0    >  F 101:101(0) ack 1       FIN_WAIT_1 CLOSE_WAIT
        +10   >  F 101:101(0) ack 1       FIN_WAIT_1 CLOSE_WAIT
        +20   >  P 1:101(100) ack 1       FIN_WAIT_1 CLOSE_WAIT
        +129  .                           FIN_WAIT_1 CLOSE_WAIT
        +2    .                           CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .expired,
      connState: "S2",
      history: "ShADFT",
      retransmits: [.client: 2]
    ),
    Story(
      name: "a FIN with data, the data acknowledged first",
      script: handshake + """
        +0    >  FP 1:101(100) ack 1      FIN_WAIT_1 CLOSE_WAIT
        +0    <  . 1:1(0) ack 51          FIN_WAIT_1 CLOSE_WAIT
        +0    <  . 1:1(0) ack 101         FIN_WAIT_1 CLOSE_WAIT
        +0    <  . 1:1(0) ack 102         FIN_WAIT_2 CLOSE_WAIT
        """,
      closedFirst: .client,
      connState: "S2",
      history: "ShAFa"
    ),
    Story(
      name: "LAST_ACK has no TIME_WAIT, and expires",
      script: handshake + """
        +0    <  F 1:1(0) ack 1           CLOSE_WAIT FIN_WAIT_1
        +0    >  . 1:1(0) ack 2           CLOSE_WAIT FIN_WAIT_2
        +0    >  F 1:1(0) ack 2           LAST_ACK TIME_WAIT
        +9    >  F 1:1(0) ack 2           LAST_ACK TIME_WAIT
        +59   .                           LAST_ACK TIME_WAIT
        +2    .                           CLOSED CLOSED
        """,
      closedFirst: .server,
      closeKind: .fin,
      connState: "SF",
      history: "ShAfF",
      timeWait: [.server],
      retransmits: [.client: 1]
    ),
    Story(
      name: "data after the FIN is ignored",
      script: handshake + """
        +0    >  F 1:1(0) ack 1           FIN_WAIT_1 CLOSE_WAIT
        +0    <  . 1:1(0) ack 2           FIN_WAIT_2 CLOSE_WAIT
        +0    >  P 2:52(50) ack 1         FIN_WAIT_2 CLOSE_WAIT
        +0    <  F 1:1(0) ack 2           TIME_WAIT LAST_ACK
        """,
      closedFirst: .client,
      closeKind: .fin,
      connState: "SF",
      history: "ShAFaDf",
      anomalies: ["data_after_fin": 1],
      timeWait: [.client]
    ),
    Story(
      name: "crossed FINs that acknowledge the data",
      script: handshake + """
        +0    >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        +0    >  F 101:101(0) ack 1       FIN_WAIT_1 CLOSE_WAIT
        +0    <  F 1:1(0) ack 101         CLOSING CLOSING
        +0    >  . 102:102(0) ack 2       CLOSING TIME_WAIT
        +0    <  . 2:2(0) ack 102         TIME_WAIT TIME_WAIT
        +59   .                           TIME_WAIT TIME_WAIT
        +2    .                           CLOSED CLOSED
        """,
      closedFirst: .simultaneous,
      closeKind: .fin,
      connState: "SF",
      history: "ShADFfa",
      timeWait: [.client, .server]
    ),
    Story(
      name: "crossed FINs: each end's 60 seconds are its own",
      script: handshake + """
        +0    >  F 1:1(0) ack 1           FIN_WAIT_1 CLOSE_WAIT
        +0    <  F 1:1(0) ack 1           CLOSING CLOSING
        +0    >  . 2:2(0) ack 2           CLOSING TIME_WAIT
        +20   <  . 2:2(0) ack 2           TIME_WAIT TIME_WAIT
        +39   .                           TIME_WAIT TIME_WAIT
        +2    .                           TIME_WAIT CLOSED
        +20   .                           CLOSED CLOSED
        """,
      closedFirst: .simultaneous,
      closeKind: .fin,
      connState: "SF",
      history: "ShAFfa",
      timeWait: [.client, .server]
    ),
    Story(
      name: "late data after a full close: RST, and no TIME_WAIT",
      script: handshake + """
        +0    >  F 1:1(0) ack 1           FIN_WAIT_1 CLOSE_WAIT
        +0    <  . 1:1(0) ack 2           FIN_WAIT_2 CLOSE_WAIT
        +0    <  P 1:101(100) ack 2       FIN_WAIT_2 CLOSE_WAIT
        +0    >  R 2:2(0)                 CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .rst,
      connState: "RSTO",
      history: "ShAFadR"
    ),
    Story(
      name: "late data with a FIN after a full close: RST, and no TIME_WAIT",
      script: handshake + """
        +0    >  F 1:1(0) ack 1           FIN_WAIT_1 CLOSE_WAIT
        +0    <  . 1:1(0) ack 2           FIN_WAIT_2 CLOSE_WAIT
        +0    <  FP 1:101(100) ack 2      TIME_WAIT LAST_ACK
        +0    >  R 2:2(0)                 CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .fin,
      connState: "SF",
      history: "ShAFafR",
      anomalies: ["time_wait_skipped": 1]
    ),
    Story(
      name: "bucket overflow, or FIN_WAIT_2 timed out: the peer's FIN is answered by RST",
      script: handshake + """
        +0    <  F 1:1(0) ack 1           CLOSE_WAIT FIN_WAIT_1
        +0    >  . 1:1(0) ack 2           CLOSE_WAIT FIN_WAIT_2
        +61   >  F 1:1(0) ack 2           LAST_ACK TIME_WAIT
        +0    <  R 2:2(0)                 CLOSED CLOSED
        """,
      closedFirst: .server,
      closeKind: .fin,
      connState: "SF",
      history: "ShAfFr",
      anomalies: ["time_wait_skipped": 1]
    ),
    Story(
      name: "FIN_WAIT_2 answers a keep-alive byte and goes on",
      script: handshake + """
        +0    >  F 1:1(0) ack 1           FIN_WAIT_1 CLOSE_WAIT
        +0    <  . 1:1(0) ack 2           FIN_WAIT_2 CLOSE_WAIT
        +50   <  . 0:1(1) ack 2           FIN_WAIT_2 CLOSE_WAIT
        +0    >  . 2:2(0) ack 1           FIN_WAIT_2 CLOSE_WAIT
        +50   <  F 1:1(0) ack 2           TIME_WAIT LAST_ACK
        """,
      closedFirst: .client,
      closeKind: .fin,
      connState: "SF",
      history: "ShAFadtf",
      timeWait: [.client]
    ),
    Story(
      name: "close with unread data: RST after data, and no TIME_WAIT",
      script: handshake + """
        +0    >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        +0    <  . 1:1(0) ack 101         ESTABLISHED ESTABLISHED
        +0    <  R 1:1(0) ack 101         CLOSED CLOSED
        """,
      closedFirst: .server,
      closeKind: .rst,
      connState: "RSTR",
      history: "ShADar"
    ),
    Story(
      name: "a FIN with a timestamp of the past is answered and ignored",
      script: """
        +0    >  S 0:0(0) ts 100          SYN_SENT LISTEN
        +0    <  S 0:0(0) ack 1 ts 500    ESTABLISHED SYN_RECEIVED
        +0    >  . 1:1(0) ack 1 ts 101    ESTABLISHED ESTABLISHED
        +0    >  F 1:1(0) ack 1 ts 50     ESTABLISHED ESTABLISHED
        +0    <  . 1:1(0) ack 1 ts 501    ESTABLISHED ESTABLISHED
        """,
      connState: "S2",
      history: "ShAFa",
      anomalies: ["old_timestamp": 1]
    ),
  ]
}
