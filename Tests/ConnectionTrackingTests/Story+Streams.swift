import ConnectionTracking

extension Story {
  /// What the client sends and acknowledges goes on from octets that nobody has seen.
  private static let lossInBothDirections =
    handshake + """
      +0    <  . 1:1(0) ack 1           ESTABLISHED ESTABLISHED
      +0    >  P 101:201(100) ack 301   ESTABLISHED ESTABLISHED

      """

  /// Windows, losses, probes.
  static let streams: [Story] = [
    Story(
      name: "data and a FIN beyond the window change nothing",
      script: handshake + """
        +0    <  . 1:1(0) ack 1 win 1000  ESTABLISHED ESTABLISHED
        +0    >  P 2001:2101(100) ack 1   ESTABLISHED ESTABLISHED
        +0    >  F 2001:2001(0) ack 1     ESTABLISHED ESTABLISHED
        +0    <  . 1:1(0) ack 1 win 1000  ESTABLISHED ESTABLISHED
        """,
      connState: "S2",
      history: "ShAaDF",
      anomalies: ["outside_window": 2]
    ),
    Story(
      name: "a guessed FIN before what the receiver acknowledged changes nothing",
      script: handshake + """
        +0    >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        +0    <  . 1:1(0) ack 101 win 1000 ESTABLISHED ESTABLISHED
        +0    >  F 50:50(0) ack 1         ESTABLISHED ESTABLISHED
        +0    >  F -90000:-90000(0) ack 1 ESTABLISHED ESTABLISHED
        """,
      connState: "S2",
      history: "ShADaFF",
      anomalies: ["outside_window": 2]
    ),
    Story(
      name: "a guessed FIN in the window needs an ACK of what was sent",
      script: handshake + """
        +0    <  P 1:101(100) ack 1 win 1000 ESTABLISHED ESTABLISHED
        +0    >  . 1:1(0) ack 101 win 1000 ESTABLISHED ESTABLISHED
        +0    >  F 500:500(0) ack 90000   ESTABLISHED ESTABLISHED
        +0    >  F 501:501(0) ack -900000 ESTABLISHED ESTABLISHED
        +0    >  F 502:502(0) ack 101     FIN_WAIT_1 ESTABLISHED
        """,
      closedFirst: .client,
      connState: "S2",
      history: "ShAdFFF",
      anomalies: ["outside_window": 2]
    ),
    Story(
      name: "a guessed ACK in the window moves nothing",
      script: handshake + """
        +0    >  . 500:500(0) ack 90000   ESTABLISHED ESTABLISHED
        +0    >  . 600:600(0) ack -90000  ESTABLISHED ESTABLISHED
        +0    >  P 700:800(100) ack 90000 ESTABLISHED ESTABLISHED
        +0    <  F 1:1(0) ack 1           CLOSE_WAIT FIN_WAIT_1
        +0    >  F 1:1(0) ack 2           LAST_ACK TIME_WAIT
        +0    <  . 2:2(0) ack 2           CLOSED TIME_WAIT
        """,
      closedFirst: .server,
      closeKind: .fin,
      connState: "SF",
      history: "ShADfFa",
      anomalies: ["outside_window": 3],
      timeWait: [.server]
    ),
    Story(
      name: "after a loss in both directions an answer tells that it goes on",
      script: lossInBothDirections + """
        +0    <  P 301:401(100) ack 201   ESTABLISHED ESTABLISHED
        +0    >  F 201:201(0) ack 401     FIN_WAIT_1 CLOSE_WAIT
        """,
      closedFirst: .client,
      connState: "S2",
      history: "ShAaDdGFg",
      anomalies: ["outside_window": 1, "capture_gap": 1]
    ),
    Story(
      name: "after a loss in both directions more of the same tells that it goes on",
      script: lossInBothDirections + """
        +0    >  P 201:301(100) ack 301   ESTABLISHED ESTABLISHED
        +0    >  F 301:301(0) ack 301     FIN_WAIT_1 ESTABLISHED
        """,
      closedFirst: .client,
      connState: "S2",
      history: "ShAaDgF",
      anomalies: ["outside_window": 1, "capture_gap": 1]
    ),
    Story(
      name: "a FIN after a loss in both directions counts when it is acknowledged",
      script: handshake + """
        +0    <  . 1:1(0) ack 1 win 1000  ESTABLISHED ESTABLISHED
        +0    <  F 301:301(0) ack 201 win 1000 ESTABLISHED ESTABLISHED
        +0    >  . 201:201(0) ack 302     CLOSE_WAIT FIN_WAIT_2
        +1    >  F 201:201(0) ack 302     LAST_ACK FIN_WAIT_2
        +0    <  . 302:302(0) ack 202     CLOSED TIME_WAIT
        """,
      closedFirst: .server,
      closeKind: .fin,
      connState: "SF",
      history: "ShAafgFG",
      anomalies: ["outside_window": 1, "capture_gap": 1],
      timeWait: [.server]
    ),
    Story(
      name: "a scaled window reaches further",
      script: """
        +0    >  S 0:0(0) wscale 2        SYN_SENT LISTEN
        +0    <  S 0:0(0) ack 1 wscale 7  ESTABLISHED SYN_RECEIVED
        +0    >  . 1:1(0) ack 1 win 500   ESTABLISHED ESTABLISHED
        +0    <  . 1:1(0) ack 1 win 1000  ESTABLISHED ESTABLISHED
        +0    >  F 120001:120001(0) ack 1 FIN_WAIT_1 ESTABLISHED
        +0    <  F 2001:2001(0) ack 1     FIN_WAIT_1 FIN_WAIT_1
        +0    <  F 2002:2002(0) ack 1     FIN_WAIT_1 FIN_WAIT_1
        """,
      closedFirst: .simultaneous,
      closeKind: .fin,
      connState: "SF",
      history: "ShAaFff",
      anomalies: ["data_after_fin": 1]
    ),
    Story(
      name: "the scaled window of the other end does not",
      script: """
        +0    >  S 0:0(0) wscale 2        SYN_SENT LISTEN
        +0    <  S 0:0(0) ack 1 wscale 7  ESTABLISHED SYN_RECEIVED
        +0    >  . 1:1(0) ack 1 win 500   ESTABLISHED ESTABLISHED
        +0    <  F 2101:2101(0) ack 1     ESTABLISHED ESTABLISHED
        """,
      connState: "S3",
      history: "ShAf",
      anomalies: ["outside_window": 1]
    ),
    Story(
      name: "scaling offered by one end alone is none",
      script: """
        +0    >  S 0:0(0)                 SYN_SENT LISTEN
        +0    <  S 0:0(0) ack 1 wscale 7  ESTABLISHED SYN_RECEIVED
        +0    <  . 1:1(0) ack 1 win 1000  ESTABLISHED SYN_RECEIVED
        +0    >  F 1101:1101(0) ack 1     ESTABLISHED SYN_RECEIVED
        """,
      connState: "S2",
      history: "ShaF",
      anomalies: ["outside_window": 1]
    ),
    Story(
      name: "the window of a SYN-ACK is not scaled",
      script: """
        +0    >  S 0:0(0) wscale 7                    SYN_SENT LISTEN
        +0    <  S 0:0(0) ack 1 wscale 7 win 1000     ESTABLISHED SYN_RECEIVED
        +0    >  F 1500:1500(0) ack 1                 ESTABLISHED SYN_RECEIVED
        """,
      connState: "S2",
      history: "ShF",
      anomalies: ["outside_window": 1]
    ),
    Story(
      name: "what the capture missed, acknowledged",
      script: handshake + """
        +0    >  P 101:201(100) ack 1     ESTABLISHED ESTABLISHED
        +0    <  . 1:1(0) ack 201         ESTABLISHED ESTABLISHED
        +0    <  F 1:1(0) ack 301         CLOSE_WAIT FIN_WAIT_1
        """,
      closedFirst: .server,
      connState: "S3",
      history: "ShADaGf",
      anomalies: ["capture_gap": 1]
    ),
    Story(
      name: "two losses, both sent again",
      script: handshake + """
        +0    >  P 101:201(100) ack 1     ESTABLISHED ESTABLISHED
        +0    >  P 301:401(100) ack 1     ESTABLISHED ESTABLISHED
        +0    <  . 1:1(0) ack 1           ESTABLISHED ESTABLISHED
        +0    >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        +0    <  . 1:1(0) ack 201         ESTABLISHED ESTABLISHED
        +0    >  F 401:401(0) ack 1       FIN_WAIT_1 ESTABLISHED
        +0    >  P 201:301(100) ack 1     FIN_WAIT_1 CLOSE_WAIT
        +0    <  . 1:1(0) ack 402         FIN_WAIT_2 CLOSE_WAIT
        """,
      closedFirst: .client,
      connState: "S2",
      history: "ShADaTF"
    ),
    Story(
      name: "an ACK captured before what it acknowledges",
      script: handshake + """
        +0    <  . 1:1(0) ack 101         ESTABLISHED ESTABLISHED
        +0    >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        """,
      connState: "S1",
      history: "ShAaGD",
      anomalies: ["capture_gap": 1]
    ),
    Story(
      name: "keep-alive probes are no retransmissions",
      script: handshake + """
        +0    >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        +0    <  . 1:1(0) ack 101         ESTABLISHED ESTABLISHED
        +7200 >  . 100:100(0) ack 1       ESTABLISHED ESTABLISHED
        +0    <  . 1:1(0) ack 101         ESTABLISHED ESTABLISHED
        +75   >  . 100:101(1) ack 1       ESTABLISHED ESTABLISHED
        """,
      connState: "S1",
      history: "ShADaT"
    ),
    Story(
      name: "a window that was closed from the start is probed",
      script: handshake + """
        +0    <  . 1:1(0) ack 1 win 0     ESTABLISHED ESTABLISHED
        +1    >  . 0:0(0) ack 1           ESTABLISHED ESTABLISHED
        +0    <  . 1:1(0) ack 1 win 0     ESTABLISHED ESTABLISHED
        +0    <  . 1:1(0) ack 1 win 900   ESTABLISHED ESTABLISHED
        +0    >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        """,
      connState: "S1",
      history: "ShAawD"
    ),
    Story(
      name: "the tenth retransmission is told again",
      script: handshake + """
        +0    >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED

        """ + String(repeating: "+1 > P 1:101(100) ack 1\n", count: 12),
      connState: "S1",
      history: "ShADTT",
      retransmits: [.client: 12]
    ),
  ]
}
