import ConnectionTracking

extension Story {
  private static let clientClosed =
    handshake + """
      +0    >  F 1:1(0) ack 1           FIN_WAIT_1 CLOSE_WAIT

      """

  /// An RST in the window but not at its edge, from the server, in every state the client can be in.
  private static func challenged(
    in state: String,
    after script: String,
    closedFirst: ClosedFirst = .none,
    closeKind: CloseKind = .none,
    connState: String = "RSTR",
    history: String
  ) -> Story {
    Story(
      name: "an RST beside the edge of \(state)",
      script: script + "+0 < R 500:500(0) \(state)",
      closedFirst: closedFirst,
      closeKind: closeKind,
      connState: connState,
      history: history,
      anomalies: ["inexact_reset": 1]
    )
  }

  static let resets: [Story] = [
    challenged(in: "ESTABLISHED ESTABLISHED", after: handshake, history: "ShAr"),
    challenged(in: "FIN_WAIT_1 CLOSE_WAIT", after: clientClosed, closedFirst: .client, history: "ShAFr"),
    challenged(
      in: "FIN_WAIT_2 CLOSE_WAIT",
      after: clientClosed + "+0 < . 1:1(0) ack 2\n",
      closedFirst: .client,
      history: "ShAFar"
    ),
    challenged(
      in: "CLOSE_WAIT FIN_WAIT_1",
      after: handshake + "+0 < F 1:1(0) ack 1\n",
      closedFirst: .server,
      history: "ShAfr"
    ),
    challenged(
      in: "LAST_ACK TIME_WAIT",
      after: handshake + "+0 < F 1:1(0) ack 1\n+0 > F 1:1(0) ack 2\n",
      closedFirst: .server,
      closeKind: .fin,
      connState: "SF",
      history: "ShAfFr"
    ).holding([.server]),
    challenged(
      in: "CLOSING CLOSING",
      after: clientClosed + "+0 < F 1:1(0) ack 1\n",
      closedFirst: .simultaneous,
      closeKind: .fin,
      connState: "SF",
      history: "ShAFfr"
    ),
    Story(
      name: "an RST beside the edge of SYN_RECEIVED",
      script: """
        +0    >  S 0:0(0)                 SYN_SENT LISTEN
        +0    <  S 0:0(0) ack 1           ESTABLISHED SYN_RECEIVED
        +0    >  R 500:500(0)             ESTABLISHED SYN_RECEIVED
        """,
      connState: "RSTO",
      history: "ShR",
      anomalies: ["inexact_reset": 1]
    ),
    Story(
      name: "an RST below the window",
      script: handshake + """
        +0    >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        +0    <  . 1:1(0) ack 101         ESTABLISHED ESTABLISHED
        +0    >  R 51:51(0)               ESTABLISHED ESTABLISHED
        """,
      connState: "RSTO",
      history: "ShADaR",
      anomalies: ["outside_window": 1]
    ),
    Story(
      name: "an RST above the window",
      script: handshake + """
        +0    <  R 99999:99999(0)         ESTABLISHED ESTABLISHED
        """,
      connState: "RSTR",
      history: "ShAr",
      anomalies: ["outside_window": 1]
    ),
    Story(
      name: "an RST at what the peer acknowledged last, behind data on its way",
      script: handshake + """
        +0    >  P 1:101(100) ack 1       ESTABLISHED ESTABLISHED
        +0    >  R 1:1(0)                 CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .rst,
      connState: "RSTO",
      history: "ShADR"
    ),
    Story(
      name: "an RST at the edge with a timestamp of the past ends an open connection",
      script: """
        +0    >  S 0:0(0) ts 100          SYN_SENT LISTEN
        +0    <  S 0:0(0) ack 1 ts 500    ESTABLISHED SYN_RECEIVED
        +0    >  . 1:1(0) ack 1 ts 101    ESTABLISHED ESTABLISHED
        +0    >  R 1:1(0) ack 1 ts 50     CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .rst,
      connState: "RSTO",
      history: "ShAR"
    ),
    Story(
      name: "the answer to a bad ACK of the SYN-ACK ends nothing",
      script: """
        +0    >  S 0:0(0)                 SYN_SENT LISTEN
        +0    <  S 0:0(0) ack 1           ESTABLISHED SYN_RECEIVED
        +0    <  R 777777:777777(0)       ESTABLISHED SYN_RECEIVED
        +0    >  . 1:1(0) ack 1           ESTABLISHED ESTABLISHED
        """,
      connState: "RSTR",
      history: "ShrA",
      anomalies: ["outside_window": 1]
    ),
    Story(
      name: "both reset",
      script: handshake + """
        +0    >  R 1:1(0) ack 1           CLOSED CLOSED
        +0    <  R 1:1(0) ack 1           CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .rst,
      connState: "REJ",
      history: "ShARr"
    ),
  ]

  private func holding(_ roles: Set<Role>) -> Story {
    var story = self
    story.timeWait = roles
    return story
  }
}
