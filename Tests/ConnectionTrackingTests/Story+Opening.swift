import ConnectionTracking

extension Story {
  /// Handshakes: repeated, reordered, with data, refused by halves.
  static let opening: [Story] = [
    Story(
      name: "SYN and SYN-ACK again",
      script: """
        +0    >  S 0:0(0)                 SYN_SENT LISTEN
        +1    >  S 0:0(0)                 SYN_SENT LISTEN
        +0    <  S 0:0(0) ack 1           ESTABLISHED SYN_RECEIVED
        +1    <  S 0:0(0) ack 1           ESTABLISHED SYN_RECEIVED
        +0    >  . 1:1(0) ack 1           ESTABLISHED ESTABLISHED
        +0    <  S 0:0(0) ack 1           ESTABLISHED ESTABLISHED
        """,
      connState: "S1",
      history: "ShA",
      retransmits: [.client: 1, .server: 2]
    ),
    Story(
      name: "the SYN-ACK overtakes the SYN",
      script: """
        +0    <  S 0:0(0) ack 1           ESTABLISHED SYN_RECEIVED
        +0    >  S 0:0(0)                 ESTABLISHED SYN_RECEIVED
        +0    >  . 1:1(0) ack 1           ESTABLISHED ESTABLISHED
        """,
      connState: "OTH",
      history: "^hSA"
    ),
    Story(
      name: "a SYN with another number is another connection",
      script: handshake + """
        +9    >  S 7777:7777(0)           SYN_SENT LISTEN
        """,
      closeKind: .reused,
      connState: "S1",
      history: "ShA",
      anomalies: ["reused_while_open": 1],
      connections: 2
    ),
    Story(
      name: "a SYN-ACK that acknowledges something else is answered by RST",
      script: """
        +0    >  S 0:0(0)                 SYN_SENT LISTEN
        +0    <  S 0:0(0) ack 77          SYN_SENT LISTEN
        +0    >  R 77:77(0)               SYN_SENT LISTEN
        """,
      connState: "RSTO",
      history: "ShR",
      anomalies: ["outside_window": 2]
    ),
    Story(
      name: "a SYN-ACK with another number changes nothing",
      script: handshake + """
        +0    <  S 900:900(0) ack 1       ESTABLISHED ESTABLISHED
        """,
      connState: "S1",
      history: "ShA",
      anomalies: ["changed_syn_ack": 1]
    ),
    Story(
      name: "SYN and FIN to a listener",
      script: """
        +0    >  SF 0:0(0)                SYN_SENT LISTEN
        """,
      connState: "SH",
      history: "Q",
      anomalies: ["syn_with_fin_or_rst": 1]
    ),
    Story(
      name: "SYN and RST is an RST",
      script: """
        +0    >  SR 0:0(0)                CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .rst,
      connState: "OTH",
      history: "Q",
      anomalies: ["syn_with_fin_or_rst": 1]
    ),
    Story(
      name: "Fast Open: data in the SYN, taken",
      script: """
        +0    >  S 0:50(50)               SYN_SENT LISTEN
        +0    <  S 0:0(0) ack 51          ESTABLISHED SYN_RECEIVED
        +0    <  P 1:101(100) ack 51      ESTABLISHED SYN_RECEIVED
        +0    >  . 51:51(0) ack 101       ESTABLISHED ESTABLISHED
        """,
      connState: "S1",
      history: "SThdA"
    ),
    Story(
      name: "Fast Open: data in the SYN, refused and sent again",
      script: """
        +0    >  S 0:50(50)               SYN_SENT LISTEN
        +0    <  S 0:0(0) ack 1           ESTABLISHED SYN_RECEIVED
        +0    >  P 1:51(50) ack 1         ESTABLISHED ESTABLISHED
        +0    <  . 1:1(0) ack 51          ESTABLISHED ESTABLISHED
        """,
      connState: "S1",
      history: "SThDa",
      retransmits: [.client: 1]
    ),
    Story(
      name: "Fast Open: the server closes before the handshake is through",
      script: """
        +0    >  S 0:50(50)               SYN_SENT LISTEN
        +0    <  S 0:0(0) ack 51          ESTABLISHED SYN_RECEIVED
        +0    <  P 1:101(100) ack 51      ESTABLISHED SYN_RECEIVED
        +0    <  F 101:101(0) ack 51      CLOSE_WAIT FIN_WAIT_1
        +0    >  . 51:51(0) ack 102       CLOSE_WAIT FIN_WAIT_2
        +0    >  F 51:51(0) ack 102       LAST_ACK TIME_WAIT
        +0    <  . 102:102(0) ack 52      CLOSED TIME_WAIT
        """,
      closedFirst: .server,
      closeKind: .fin,
      connState: "SF",
      history: "SThdfAFa",
      timeWait: [.server]
    ),
    Story(
      name: "Fast Open: refused, the data not acknowledged",
      script: """
        +0    >  S 0:50(50)               SYN_SENT LISTEN
        +0    <  R 0:0(0) ack 1           CLOSED CLOSED
        """,
      closeKind: .refused,
      connState: "REJ",
      history: "STr"
    ),
    Story(
      name: "the client gives the handshake up",
      script: """
        +0    >  S 0:0(0)                 SYN_SENT LISTEN
        +0    <  S 0:0(0) ack 1           ESTABLISHED SYN_RECEIVED
        +0    >  R 1:1(0)                 CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .rst,
      connState: "RSTO",
      history: "ShR"
    ),
  ]
}
