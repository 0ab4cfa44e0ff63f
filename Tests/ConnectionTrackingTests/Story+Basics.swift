import ConnectionTracking

extension Story {
  static let basics: [Story] = [
    Story(
      name: "the server closes first",
      script: handshake + """
        +0.1  >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        +0.01 <  P 1:201(200) ack 101     ESTABLISHED ESTABLISHED
        +0    <  F 201:201(0) ack 101     CLOSE_WAIT FIN_WAIT_1
        +0.01 >  . 101:101(0) ack 202     CLOSE_WAIT FIN_WAIT_2
        +0    >  F 101:101(0) ack 202     LAST_ACK TIME_WAIT
        +0.01 <  . 202:202(0) ack 102     CLOSED TIME_WAIT
        +59.9 .                           CLOSED TIME_WAIT
        +0.2  .                           CLOSED CLOSED
        """,
      closedFirst: .server,
      closeKind: .fin,
      connState: "SF",
      history: "ShADdfFa",
      timeWait: [.server]
    ),
    Story(
      name: "the client closes first",
      script: handshake + """
        +0.1  >  F 1:1(0) ack 1           FIN_WAIT_1 CLOSE_WAIT
        +0.01 <  . 1:1(0) ack 2           FIN_WAIT_2 CLOSE_WAIT
        +3    <  F 1:1(0) ack 2           TIME_WAIT LAST_ACK
        +0.01 >  . 2:2(0) ack 2           TIME_WAIT CLOSED
        """,
      closedFirst: .client,
      closeKind: .fin,
      connState: "SF",
      history: "ShAFaf",
      timeWait: [.client]
    ),
    Story(
      name: "both close at once",
      script: handshake + """
        +0.1  >  F 1:1(0) ack 1           FIN_WAIT_1 CLOSE_WAIT
        +0    <  F 1:1(0) ack 1           CLOSING CLOSING
        +0.01 >  . 2:2(0) ack 2           CLOSING TIME_WAIT
        +0    <  . 2:2(0) ack 2           TIME_WAIT TIME_WAIT
        """,
      closedFirst: .simultaneous,
      closeKind: .fin,
      connState: "SF",
      history: "ShAFfa",
      timeWait: [.client, .server]
    ),
    Story(
      name: "a FIN that arrives late was sent first",
      script: handshake + """
        +0.1  >  F 1:1(0) ack 2           FIN_WAIT_1 CLOSE_WAIT
        +0    <  F 1:1(0) ack 1           LAST_ACK TIME_WAIT
        """,
      closedFirst: .server,
      closeKind: .fin,
      connState: "SF",
      history: "ShAFgf",
      anomalies: ["capture_gap": 1],
      timeWait: [.server]
    ),
    Story(
      name: "refused",
      script: """
        +0    >  S 0:0(0)                 SYN_SENT LISTEN
        +0.01 <  R 0:0(0) ack 1           CLOSED CLOSED
        """,
      closeKind: .refused,
      connState: "REJ",
      history: "Sr"
    ),
    Story(
      name: "an RST that acknowledges nothing refuses nothing",
      script: """
        +0    >  S 0:0(0)                 SYN_SENT LISTEN
        +0.01 <  R 0:0(0) ack 77          SYN_SENT LISTEN
        """,
      connState: "REJ",
      history: "Sr",
      anomalies: ["outside_window": 1]
    ),
    Story(
      name: "never answered",
      script: """
        +0    >  S 0:0(0)                 SYN_SENT LISTEN
        +1    >  S 0:0(0)                 SYN_SENT LISTEN
        +3    >  S 0:0(0)                 SYN_SENT LISTEN
        +126  .                           SYN_SENT LISTEN
        +2    .                           CLOSED CLOSED
        """,
      closeKind: .expired,
      connState: "S0",
      history: "S",
      retransmits: [.client: 2]
    ),
    Story(
      name: "the server resets",
      script: handshake + """
        +0.1  >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        +0.01 <  R 1:1(0) ack 101         CLOSED CLOSED
        """,
      closedFirst: .server,
      closeKind: .rst,
      connState: "RSTR",
      history: "ShADr"
    ),
    Story(
      name: "an RST beside the edge is challenged",
      script: handshake + """
        +0.1  <  R 500:500(0)             ESTABLISHED ESTABLISHED
        +0.01 >  . 1:1(0) ack 1           ESTABLISHED ESTABLISHED
        """,
      connState: "RSTR",
      history: "ShAr",
      anomalies: ["inexact_reset": 1]
    ),
    Story(
      name: "an RST after one FIN",
      script: handshake + """
        +0.1  <  F 1:1(0) ack 1           CLOSE_WAIT FIN_WAIT_1
        +0.01 >  R 1:1(0) ack 2           CLOSED CLOSED
        """,
      closedFirst: .server,
      closeKind: .rst,
      connState: "RSTO",
      history: "ShAfR"
    ),
    Story(
      name: "half closed: the server never closes",
      script: handshake + """
        +0.1  >  F 1:1(0) ack 1           FIN_WAIT_1 CLOSE_WAIT
        +0.01 <  . 1:1(0) ack 2           FIN_WAIT_2 CLOSE_WAIT
        +9999 .                           FIN_WAIT_2 CLOSE_WAIT
        """,
      closedFirst: .client,
      connState: "S2",
      history: "ShAFa"
    ),
    Story(
      name: "a FIN ahead of a missing segment waits for it",
      script: handshake + """
        +0.1  <  F 101:101(0) ack 1       ESTABLISHED FIN_WAIT_1
        +0.01 <  P 1:101(100) ack 1       CLOSE_WAIT FIN_WAIT_1
        +0.01 >  . 1:1(0) ack 102         CLOSE_WAIT FIN_WAIT_2
        """,
      closedFirst: .server,
      connState: "S3",
      history: "ShAfdt"
    ),
    Story(
      name: "picked up midway",
      script: """
        +0    <  P 7:107(100) ack 9       ESTABLISHED ESTABLISHED
        +0.01 >  . 9:9(0) ack 107         ESTABLISHED ESTABLISHED
        +1    >  F 9:9(0) ack 107         FIN_WAIT_1 CLOSE_WAIT
        +0.01 <  F 107:107(0) ack 10      TIME_WAIT LAST_ACK
        """,
      closedFirst: .client,
      closeKind: .fin,
      connState: "SF",
      history: "^dAFf",
      timeWait: [.client]
    ),
    Story(
      name: "both open at once",
      script: """
        +0    >  S 0:0(0)                 SYN_SENT LISTEN
        +0    <  S 0:0(0)                 SYN_SENT SYN_SENT
        +0.01 >  S 0:0(0) ack 1           SYN_RECEIVED ESTABLISHED
        +0    <  S 0:0(0) ack 1           ESTABLISHED ESTABLISHED
        """,
      connState: "S1",
      history: "Ss"
    ),
    Story(
      name: "an RST in TIME_WAIT frees the port and changes no verdict",
      script: handshake + """
        +0.1  >  F 1:1(0) ack 1           FIN_WAIT_1 CLOSE_WAIT
        +0.01 <  F 1:1(0) ack 2           TIME_WAIT LAST_ACK
        +0.01 >  . 2:2(0) ack 2           TIME_WAIT CLOSED
        +1    <  R 2:2(0)                 CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .fin,
      connState: "SF",
      history: "ShAFfr",
      timeWait: [.client]
    ),
  ]
}
