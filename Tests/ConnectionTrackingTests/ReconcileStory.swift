import Testing

@testable import ConnectionTracking

/// Packets and readings of the kernel's table as text, one line a step, with the states that both ends must have after it.
///
/// Beside the lines of `Script`:
/// ```
/// +0 read                                      a reading begins
/// +0 kernel client TIME_WAIT left 30           it has this entry of the client's host
/// +0 kernel server ESTABLISHED listens         … whose end has a listener
/// +0 lacks client                              it has none, and looking for it found none
/// +0 wire >  F 1:1(0) ack 2                    a packet that was captured before the reading, and comes late
/// ```
struct ReconcileStory: CustomTestStringConvertible, Sendable {
  var name: String
  var local: Set<Role>
  var script: String
  var closedFirst = ClosedFirst.none
  var closeKind = CloseKind.none
  var fromKernel = false
  var localSide: LocalSide?
  var connections = 1

  var testDescription: String { name }

  static let handshake = Story.handshake

  static let all: [ReconcileStory] = [
    ReconcileStory(
      name: "seeded TIME_WAIT runs out when the kernel's does",
      local: [.server],
      script: """
        +0    read
        +0    kernel server TIME_WAIT left 30 listens    adopted   CLOSED TIME_WAIT
        +29.9 .                                          CLOSED TIME_WAIT
        +0.2  .                                          CLOSED CLOSED
        """,
      closedFirst: .server,
      closeKind: .fin,
      fromKernel: true
    ),
    ReconcileStory(
      name: "a TIME_WAIT that only waits for the kernel's timer is not taken over",
      local: [.server],
      script: """
        +0    read
        +0    kernel server TIME_WAIT left 0             expired
        """,
      connections: 0
    ),
    ReconcileStory(
      name: "seeded, then closed by the server",
      local: [.server],
      script: """
        +0    read
        +0    kernel server ESTABLISHED listens          adopted   ESTABLISHED ESTABLISHED
        +1    <  F 7:7(0) ack 3                          CLOSE_WAIT FIN_WAIT_1
        +0    >  . 3:3(0) ack 8                          CLOSE_WAIT FIN_WAIT_2
        +0    >  F 3:3(0) ack 8                          LAST_ACK TIME_WAIT
        +0    <  . 8:8(0) ack 4                          CLOSED TIME_WAIT
        """,
      closedFirst: .server,
      closeKind: .fin
    ),
    ReconcileStory(
      name: "seeded in FIN_WAIT_2, then the peer's FIN",
      local: [.client],
      script: """
        +0    read
        +0    kernel client FIN_WAIT_2                   adopted   FIN_WAIT_2 CLOSE_WAIT
        +1    <  F 70:70(0) ack 9                        TIME_WAIT LAST_ACK
        +0    >  . 9:9(0) ack 71                         TIME_WAIT CLOSED
        """,
      closedFirst: .client,
      closeKind: .fin
    ),
    ReconcileStory(
      name: "seeded in CLOSE_WAIT, then closed here",
      local: [.server],
      script: """
        +0    read
        +0    kernel server CLOSE_WAIT listens           adopted   FIN_WAIT_2 CLOSE_WAIT
        +1    <  F 70:70(0) ack 9                        TIME_WAIT LAST_ACK
        +0    >  . 9:9(0) ack 71                         TIME_WAIT CLOSED
        """,
      closedFirst: .client,
      closeKind: .fin
    ),
    ReconcileStory(
      name: "seeded TIME_WAIT is renewed by a late FIN",
      local: [.client],
      script: """
        +0    read
        +0    kernel client TIME_WAIT left 10            adopted   TIME_WAIT CLOSED
        +5    <  F 70:70(0) ack 9                        TIME_WAIT CLOSED
        +59   .                                          TIME_WAIT CLOSED
        +1.1  .                                          CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .fin
    ),
    ReconcileStory(
      name: "an orphan goes when its time is up",
      local: [.client],
      script: handshake + """
        +0.1  >  F 1:1(0) ack 1                          FIN_WAIT_1 CLOSE_WAIT
        +0.01 <  . 1:1(0) ack 2                          FIN_WAIT_2 CLOSE_WAIT
        +1    read
        +0    kernel client FIN_WAIT_2 left 59           agrees    FIN_WAIT_2 CLOSE_WAIT
        +58.9 .                                          FIN_WAIT_2 CLOSE_WAIT
        +0.2  .                                          CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .expired
    ),
    ReconcileStory(
      name: "an orphan whose peer closes in time keeps TIME_WAIT for a minute",
      local: [.client],
      script: handshake + """
        +0.1  >  F 1:1(0) ack 1                          FIN_WAIT_1 CLOSE_WAIT
        +0.01 <  . 1:1(0) ack 2                          FIN_WAIT_2 CLOSE_WAIT
        +1    read
        +0    kernel client FIN_WAIT_2 left 2            agrees    FIN_WAIT_2 CLOSE_WAIT
        +1    <  F 1:1(0) ack 2                          TIME_WAIT LAST_ACK
        +0    >  . 2:2(0) ack 2                          TIME_WAIT CLOSED
        +59.9 .                                          TIME_WAIT CLOSED
        +0.2  .                                          CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .fin
    ),
    ReconcileStory(
      name: "an end that the kernel lost is closed at once: it had a socket",
      local: [.server],
      script: handshake + """
        +1    read
        +0    kernel server ESTABLISHED                  agrees    ESTABLISHED ESTABLISHED
        +10   read
        +0    lacks server                               ended     CLOSED CLOSED
        """,
      closeKind: .expired
    ),
    ReconcileStory(
      name: "an address of ours without a socket in two readings is somebody else's connection",
      local: [.client],
      script: handshake + """
        +1    read
        +0    lacks client                               suspected ESTABLISHED ESTABLISHED
        +10   read
        +0    lacks client                               transit   ESTABLISHED ESTABLISHED
        """,
      localSide: .transit
    ),
    ReconcileStory(
      name: "a connect that was given up between two readings",
      local: [.client],
      script: """
        +0    >  S 0:0(0)                                SYN_SENT LISTEN
        +5    read
        +0    lacks client                               suspected SYN_SENT LISTEN
        +10   read
        +0    lacks client                               ended     CLOSED CLOSED
        """,
      closeKind: .expired,
      localSide: .client
    ),
    ReconcileStory(
      name: "a TIME_WAIT without a socket while the kernel has no room for more",
      local: [.client],
      script: handshake + """
        +0.1  >  F 1:1(0) ack 1                          FIN_WAIT_1 CLOSE_WAIT
        +0.01 <  F 1:1(0) ack 2                          TIME_WAIT LAST_ACK
        +0.01 >  . 2:2(0) ack 2                          TIME_WAIT CLOSED
        +1    read
        +0    lacks client overflowed                    ended     CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .fin
    ),
    ReconcileStory(
      name: "traffic since the reading began: nothing is put right",
      local: [.client],
      script: handshake + """
        +1    read
        +0    >  F 1:1(0) ack 1                          FIN_WAIT_1 CLOSE_WAIT
        +0    kernel client ESTABLISHED                  tooRecent FIN_WAIT_1 CLOSE_WAIT
        +0    lacks client                               known     FIN_WAIT_1 CLOSE_WAIT
        """,
      closedFirst: .client
    ),
    ReconcileStory(
      name: "packets that the kernel did not take: its state holds",
      local: [.server],
      script: handshake + """
        +0.1  >  F 1:1(0) ack 1                          FIN_WAIT_1 CLOSE_WAIT
        +1    read
        +0    kernel server ESTABLISHED                  corrected ESTABLISHED ESTABLISHED
        """,
      closedFirst: .client
    ),
    ReconcileStory(
      name: "TIME_WAIT takes the kernel's clock",
      local: [.client],
      script: handshake + """
        +0.1  >  F 1:1(0) ack 1                          FIN_WAIT_1 CLOSE_WAIT
        +0.01 <  F 1:1(0) ack 2                          TIME_WAIT LAST_ACK
        +0.01 >  . 2:2(0) ack 2                          TIME_WAIT CLOSED
        +10   read
        +0    kernel client TIME_WAIT left 55            agrees    TIME_WAIT CLOSED
        +54.9 .                                          TIME_WAIT CLOSED
        +0.2  .                                          CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .fin
    ),
    ReconcileStory(
      name: "what came before the reading changes nothing",
      local: [.server],
      script: """
        +0    read
        +0    kernel server TIME_WAIT left 60 listens    adopted   CLOSED TIME_WAIT
        +0    wire <  R 8:8(0)                           CLOSED TIME_WAIT
        """,
      closedFirst: .server,
      closeKind: .fin,
      fromKernel: true
    ),
    ReconcileStory(
      name: "a SYN from before the reading tells more than the reading",
      local: [.server],
      script: """
        +0    read
        +0    kernel server ESTABLISHED listens          adopted   ESTABLISHED ESTABLISHED
        +0    wire >  S 0:0(0)                           SYN_SENT LISTEN
        +0    wire <  S 0:0(0) ack 1                     ESTABLISHED SYN_RECEIVED
        +0    wire >  . 1:1(0) ack 1                     ESTABLISHED ESTABLISHED
        """
    ),
    ReconcileStory(
      name: "a SYN after the reading opens another connection",
      local: [.server],
      script: """
        +0    read
        +0    kernel server TIME_WAIT left 60 listens    adopted   CLOSED TIME_WAIT
        +1    >  S 5000:5000(0)                          SYN_SENT LISTEN
        """,
      connections: 2
    ),
    ReconcileStory(
      name: "both ends are here: each has its own entry",
      local: [.client, .server],
      script: """
        +0    read
        +0    kernel client FIN_WAIT_2 left 40           adopted   FIN_WAIT_2 CLOSE_WAIT
        +0    kernel server CLOSE_WAIT listens           agrees    FIN_WAIT_2 CLOSE_WAIT
        +20   .                                          FIN_WAIT_2 CLOSE_WAIT
        +20.1 .                                          CLOSED CLOSE_WAIT
        +1    read
        +0    lacks server                               ended     CLOSED CLOSED
        """,
      closedFirst: .client,
      closeKind: .expired,
      fromKernel: true
    ),
  ]
}
