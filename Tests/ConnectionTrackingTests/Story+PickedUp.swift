import ConnectionTracking

extension Story {
  /// Connections without a handshake, and with one direction alone.
  static let pickedUp: [Story] = [
    Story(
      name: "one direction, picked up midway: nobody knows who closed first",
      script: """
        +0    >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        +0    >  F 101:101(0) ack 1       FIN_WAIT_1 CLOSE_WAIT
        """,
      connState: "SH",
      history: "DF"
    ),
    Story(
      name: "one direction, picked up midway: the peer went on after the FIN",
      script: """
        +0    >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        +0    >  F 101:101(0) ack 1       FIN_WAIT_1 CLOSE_WAIT
        +0    >  . 102:102(0) ack 2       FIN_WAIT_1 CLOSE_WAIT
        """,
      closedFirst: .client,
      connState: "SH",
      history: "DFA"
    ),
    Story(
      name: "one direction, picked up midway: the other appears after the FIN",
      script: """
        +0    >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        +0    >  F 101:101(0) ack 1       FIN_WAIT_1 CLOSE_WAIT
        +0    <  . 1:1(0) ack 102         FIN_WAIT_2 CLOSE_WAIT
        """,
      closedFirst: .client,
      connState: "SH",
      history: "DFa"
    ),
    Story(
      name: "one direction with its handshake",
      script: """
        +0    >  S 0:0(0)                 SYN_SENT LISTEN
        +0    >  . 1:1(0) ack 1           ESTABLISHED ESTABLISHED
        +0    >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        +0    >  F 101:101(0) ack 201     FIN_WAIT_1 CLOSE_WAIT
        """,
      closedFirst: .client,
      connState: "SH",
      history: "SADF"
    ),
    Story(
      name: "one direction with its handshake: the peer's FIN was acknowledged before",
      script: """
        +0    >  S 0:0(0)                 SYN_SENT LISTEN
        +0    >  . 1:1(0) ack 1           ESTABLISHED ESTABLISHED
        +0    >  P 1:101(100) ack 201     ESTABLISHED ESTABLISHED
        +0    >  F 101:101(0) ack 202     FIN_WAIT_1 CLOSE_WAIT
        """,
      connState: "SH",
      history: "SADF"
    ),
    Story(
      name: "a lone RST",
      script: """
        +0    <  R 1:1(0)                 CLOSED CLOSED
        """,
      closedFirst: .server,
      closeKind: .rst,
      connState: "RSTRH",
      history: "^r"
    ),
    Story(
      name: "picked up between FIN and RST",
      script: """
        +0    <  F 1:1(0) ack 1           CLOSE_WAIT FIN_WAIT_1
        +0    >  R 1:1(0)                 CLOSED CLOSED
        """,
      closedFirst: .server,
      closeKind: .rst,
      connState: "RSTO",
      history: "^fR"
    ),
  ]

  /// The same packet on several interfaces: veth, bridge, bond.
  static let interfaces: [Story] = [
    Story(
      name: "every packet twice",
      script: """
        +0    >  S 0:0(0) if 0            SYN_SENT LISTEN
        +0    >  S 0:0(0) if 1            SYN_SENT LISTEN
        +0    <  S 0:0(0) ack 1 if 1      ESTABLISHED SYN_RECEIVED
        +0    <  S 0:0(0) ack 1 if 0      ESTABLISHED SYN_RECEIVED
        +0    >  . 1:1(0) ack 1 if 0      ESTABLISHED ESTABLISHED
        +0    >  . 1:1(0) ack 1 if 1      ESTABLISHED ESTABLISHED
        +0    >  F 1:1(0) ack 1 if 0      FIN_WAIT_1 CLOSE_WAIT
        +0    >  F 1:1(0) ack 1 if 1      FIN_WAIT_1 CLOSE_WAIT
        +0    <  F 1:1(0) ack 2 if 1      TIME_WAIT LAST_ACK
        +0    <  F 1:1(0) ack 2 if 0      TIME_WAIT LAST_ACK
        """,
      closedFirst: .client,
      closeKind: .fin,
      connState: "SF",
      history: "ShAFf",
      timeWait: [.client],
      duplicates: 5
    ),
    Story(
      name: "one interface falls silent and the other takes over",
      script: """
        +0    >  S 0:0(0) if 0            SYN_SENT LISTEN
        +0    >  S 0:0(0) if 1            SYN_SENT LISTEN
        +0    <  S 0:0(0) ack 1 if 0      ESTABLISHED SYN_RECEIVED
        +0    >  P 1:101(100) ack 1 if 1  ESTABLISHED ESTABLISHED
        +0    >  P 101:201(100) ack 1 if 1 ESTABLISHED ESTABLISHED
        """,
      connState: "S1",
      history: "ShD",
      duplicates: 1
    ),
    Story(
      name: "a retransmission on the same interface is none",
      script: handshake + """
        +0    >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        +0    >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        """,
      connState: "S1",
      history: "ShADT",
      retransmits: [.client: 1]
    ),
  ]
}
