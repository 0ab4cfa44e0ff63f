import ConnectionTracking

extension Story {
  /// The client closes first, and holds TIME_WAIT: its RCV.NXT is 2, the server's too.
  static let closedByClient =
    handshake + """
      +0    >  F 1:1(0) ack 1           FIN_WAIT_1 CLOSE_WAIT
      +0    <  F 1:1(0) ack 2           TIME_WAIT LAST_ACK
      +0    >  . 2:2(0) ack 2           TIME_WAIT CLOSED

      """

  /// The same with timestamps: the server's last one is 510.
  static let closedByClientWithTimestamps = """
    +0    >  S 0:0(0) ts 100          SYN_SENT LISTEN
    +0    <  S 0:0(0) ack 1 ts 500    ESTABLISHED SYN_RECEIVED
    +0    >  . 1:1(0) ack 1 ts 101    ESTABLISHED ESTABLISHED
    +0    >  F 1:1(0) ack 1 ts 102    FIN_WAIT_1 CLOSE_WAIT
    +0    <  F 1:1(0) ack 2 ts 510    TIME_WAIT LAST_ACK
    +0    >  . 2:2(0) ack 2 ts 103    TIME_WAIT CLOSED

    """

  /// What one more segment from the server, 50 seconds later, does to the client's TIME_WAIT.
  private static func inTimeWait(
    _ name: String,
    _ segment: String,
    renews: Bool,
    answered: Bool = true,
    timestamps: Bool = false,
    history: String,
    anomalies: [String: Int] = [:],
    retransmits: [Role: UInt64] = [:]
  ) -> Story {
    let answer = answered ? "+0 > . 2:2(0) ack 2 ts 200 TIME_WAIT CLOSED\n" : ""
    let end = renews ? "TIME_WAIT CLOSED" : "CLOSED CLOSED"
    return Story(
      name: "TIME_WAIT: " + name,
      script: (timestamps ? closedByClientWithTimestamps : closedByClient) + """
        +50   <  \(segment)               TIME_WAIT CLOSED
        \(timestamps ? answer : answer.replacing(" ts 200", with: ""))+9.9 . TIME_WAIT CLOSED
        +0.2  .                           \(end)
        +49.8 .                           \(end)
        +0.2  .                           CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .fin,
      connState: "SF",
      history: history,
      anomalies: anomalies,
      timeWait: [.client],
      retransmits: retransmits
    )
  }

  /// Linux's table for a socket in TIME_WAIT, row by row.
  static let timeWait: [Story] = [
    inTimeWait("a pure ACK renews", ". 2:2(0) ack 2", renews: true, answered: false, history: "ShAFfa"),
    inTimeWait("a pure ACK of anything renews", ". 2:2(0) ack 1", renews: true, answered: false, history: "ShAFfa"),
    inTimeWait("no flags at all renew", ". 2:2(0)", renews: true, answered: false, history: "ShAFf"),
    inTimeWait("the FIN again renews", "F 1:1(0) ack 2", renews: true, history: "ShAFf", retransmits: [.server: 1]),
    inTimeWait("an ACK below the window renews", ". -900:-900(0) ack 2", renews: true, history: "ShAFfa"),
    inTimeWait(
      "an ACK above the window renews",
      ". 999999:999999(0) ack 2",
      renews: true,
      history: "ShAFfa",
      anomalies: ["outside_window": 1]
    ),
    inTimeWait(
      "new data renews",
      "P 2:102(100) ack 2",
      renews: true,
      history: "ShAFfd",
      anomalies: ["data_after_fin": 1]
    ),
    inTimeWait(
      "a SYN-ACK renews",
      "S 7000:7000(0) ack 2",
      renews: true,
      history: "ShAFfh",
      anomalies: ["changed_syn_ack": 1]
    ),
    inTimeWait("a FIN without ACK does not", "F 1:1(0)", renews: false, history: "ShAFf", retransmits: [.server: 1]),
    inTimeWait(
      "a SYN at its edge does not",
      "S 2:2(0)",
      renews: false,
      history: "ShAFfs",
      anomalies: ["challenged_syn": 1]
    ),
    inTimeWait(
      "a SYN below does not",
      "S -900:-900(0)",
      renews: false,
      history: "ShAFfs",
      anomalies: ["challenged_syn": 1]
    ),
    inTimeWait(
      "an RST beside its edge does not",
      "R 3:3(0)",
      renews: false,
      answered: false,
      history: "ShAFfr",
      anomalies: ["inexact_reset": 1]
    ),
    inTimeWait(
      "an ACK with an older timestamp renews",
      ". 2:2(0) ack 2 ts 400",
      renews: true,
      timestamps: true,
      history: "ShAFfa"
    ),
    inTimeWait(
      "a SYN above with an older timestamp renews",
      "S 9000:9000(0) ts 400",
      renews: true,
      timestamps: true,
      history: "ShAFfs",
      anomalies: ["challenged_syn": 1]
    ),
    inTimeWait(
      "an RST at its edge with an older timestamp does not",
      "R 2:2(0) ts 400",
      renews: false,
      answered: false,
      timestamps: true,
      history: "ShAFfr",
      anomalies: ["inexact_reset": 1]
    ),
  ]

  /// How a TIME_WAIT ends early.
  static let fromTimeWait: [Story] = [
    Story(
      name: "TIME_WAIT: a SYN above opens another connection",
      script: closedByClient + """
        +5    <  S 3:3(0)                 SYN_SENT LISTEN
        """,
      closedFirst: .client,
      closeKind: .fin,
      connState: "SF",
      history: "ShAFf",
      timeWait: [.client],
      connections: 2
    ),
    Story(
      name: "TIME_WAIT: a SYN below with a newer timestamp opens another connection",
      script: closedByClientWithTimestamps + """
        +5    <  S -900:-900(0) ts 511    SYN_SENT LISTEN
        """,
      closedFirst: .client,
      closeKind: .fin,
      connState: "SF",
      history: "ShAFf",
      timeWait: [.client],
      connections: 2
    ),
    Story(
      name: "TIME_WAIT: its holder opens another connection",
      script: closedByClient + """
        +2    >  S 9000:9000(0)           SYN_SENT LISTEN
        """,
      closedFirst: .client,
      closeKind: .fin,
      connState: "SF",
      history: "ShAFf",
      timeWait: [.client],
      connections: 2
    ),
    Story(
      name: "TIME_WAIT: a challenged SYN, its RST, and the next SYN",
      script: closedByClient + """
        +5    <  S -900:-900(0)           TIME_WAIT CLOSED
        +0    >  . 2:2(0) ack 2           TIME_WAIT CLOSED
        +0    <  R 2:2(0)                 CLOSED CLOSED
        +1    <  S -900:-900(0)           SYN_SENT LISTEN
        """,
      closedFirst: .client,
      closeKind: .fin,
      connState: "SF",
      history: "ShAFfsr",
      anomalies: ["challenged_syn": 1],
      timeWait: [.client],
      connections: 2
    ),
    Story(
      name: "TIME_WAIT: an RST at its edge with a newer timestamp ends it",
      script: closedByClientWithTimestamps + """
        +5    <  R 2:2(0) ts 600          CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .fin,
      connState: "SF",
      history: "ShAFfr",
      timeWait: [.client]
    ),
  ]
}
