extension Phase {
  /// What an end is in after it sent or received what `event` says: RFC 9293, 3.3.2, as an observer sees it.
  ///
  /// ```
  ///            SYN_SENT ──────────────► ESTABLISHED ◄────── SYN_RECEIVED ◄── LISTEN
  ///                                      │       │
  ///                              send FIN│       │receive FIN
  ///                                      ▼       ▼
  ///   FIN_WAIT_2 ◄────────────── FIN_WAIT_1   CLOSE_WAIT
  ///        │        ACK of FIN   │                │ send FIN
  ///        │receive FIN          │receive FIN     ▼
  ///        │                     ▼             LAST_ACK
  ///        │                  CLOSING             │ ACK of FIN
  ///        │                     │ ACK of FIN     ▼
  ///        └────► TIME_WAIT ◄────┘              CLOSED
  /// ```
  ///
  /// Where it departs from the diagram: a server is in LISTEN until its SYN-ACK is seen, though its kernel has the SYN
  /// already; CLOSED also stands for "no socket", which answers with RST and stays; CLOSE_WAIT goes to CLOSING when the
  /// FIN it sends crossed the peer's, for then it was in FIN_WAIT_1 before the peer's FIN came; a FIN that the peer's
  /// overtook finds both ends where they would be had it come in time. A segment outside the window is no event: the
  /// caller drops it before (RFC 5961). An arrow not drawn here is listed as a state that stays.
  @inline(__always)
  package func after(_ event: Event, _ part: Part) -> Phase {
    switch part {
    case .sent: afterSending(event)
    case .received: afterReceiving(event)
    }
  }

  @inline(__always)
  private func afterSending(_ event: Event) -> Phase {
    switch self {
    case .closed:
      switch event {
      case .syn: .synSent
      case .synAck: .synReceived
      case .synAcknowledged, .finAcknowledged, .fin, .finCrossing, .finOvertaken, .rst: .closed
      }
    case .listen:
      switch event {
      case .syn: .synSent
      case .synAck: .synReceived
      case .rst: .closed
      case .synAcknowledged, .finAcknowledged, .fin, .finCrossing, .finOvertaken: .listen
      }
    case .synSent:
      switch event {
      case .synAck: .synReceived
      case .fin, .finCrossing: .finWait1
      case .finOvertaken: .finWait2
      case .rst: .closed
      case .syn, .synAcknowledged, .finAcknowledged: .synSent
      }
    case .synReceived:
      switch event {
      case .fin, .finCrossing: .finWait1
      case .finOvertaken: .finWait2
      case .rst: .closed
      case .syn, .synAck, .synAcknowledged, .finAcknowledged: .synReceived
      }
    case .established:
      switch event {
      case .fin, .finCrossing: .finWait1
      case .finOvertaken: .finWait2
      case .rst: .closed
      case .syn, .synAck, .synAcknowledged, .finAcknowledged: .established
      }
    case .finWait1:
      switch event {
      case .rst: .closed
      case .syn, .synAck, .synAcknowledged, .finAcknowledged, .fin, .finCrossing, .finOvertaken: .finWait1
      }
    case .finWait2:
      switch event {
      case .rst: .closed
      case .syn, .synAck, .synAcknowledged, .finAcknowledged, .fin, .finCrossing, .finOvertaken: .finWait2
      }
    case .closeWait:
      switch event {
      case .fin: .lastAck
      case .finCrossing: .closing
      case .finOvertaken: .timeWait
      case .rst: .closed
      case .syn, .synAck, .synAcknowledged, .finAcknowledged: .closeWait
      }
    case .closing:
      switch event {
      case .rst: .closed
      case .syn, .synAck, .synAcknowledged, .finAcknowledged, .fin, .finCrossing, .finOvertaken: .closing
      }
    case .lastAck:
      switch event {
      case .rst: .closed
      case .syn, .synAck, .synAcknowledged, .finAcknowledged, .fin, .finCrossing, .finOvertaken: .lastAck
      }
    case .timeWait:
      switch event {
      case .rst: .closed
      case .syn, .synAck, .synAcknowledged, .finAcknowledged, .fin, .finCrossing, .finOvertaken: .timeWait
      }
    }
  }

  @inline(__always)
  private func afterReceiving(_ event: Event) -> Phase {
    switch self {
    case .closed:
      switch event {
      case .syn: .listen
      case .synAck: .established
      case .synAcknowledged, .finAcknowledged, .fin, .finCrossing, .finOvertaken, .rst: .closed
      }
    case .listen:
      switch event {
      case .rst: .closed
      case .syn, .synAck, .synAcknowledged, .finAcknowledged, .fin, .finCrossing, .finOvertaken: .listen
      }
    case .synSent:
      switch event {
      case .synAck: .established
      case .rst: .closed
      case .syn, .synAcknowledged, .finAcknowledged, .fin, .finCrossing, .finOvertaken: .synSent
      }
    case .synReceived:
      switch event {
      case .synAck, .synAcknowledged: .established
      case .fin, .finCrossing, .finOvertaken: .closeWait
      case .rst: .closed
      case .syn, .finAcknowledged: .synReceived
      }
    case .established:
      switch event {
      case .fin, .finCrossing, .finOvertaken: .closeWait
      case .rst: .closed
      case .syn, .synAck, .synAcknowledged, .finAcknowledged: .established
      }
    case .finWait1:
      switch event {
      case .finAcknowledged: .finWait2
      case .fin, .finCrossing: .closing
      case .finOvertaken: .lastAck
      case .rst: .closed
      case .syn, .synAck, .synAcknowledged: .finWait1
      }
    case .finWait2:
      switch event {
      case .fin, .finCrossing: .timeWait
      case .finOvertaken, .rst: .closed
      case .syn, .synAck, .synAcknowledged, .finAcknowledged: .finWait2
      }
    case .closeWait:
      switch event {
      case .rst: .closed
      case .syn, .synAck, .synAcknowledged, .finAcknowledged, .fin, .finCrossing, .finOvertaken: .closeWait
      }
    case .closing:
      switch event {
      case .finAcknowledged: .timeWait
      case .rst: .closed
      case .syn, .synAck, .synAcknowledged, .fin, .finCrossing, .finOvertaken: .closing
      }
    case .lastAck:
      switch event {
      case .finAcknowledged, .rst: .closed
      case .syn, .synAck, .synAcknowledged, .fin, .finCrossing, .finOvertaken: .lastAck
      }
    case .timeWait:
      switch event {
      case .rst: .closed
      case .syn, .synAck, .synAcknowledged, .finAcknowledged, .fin, .finCrossing, .finOvertaken: .timeWait
      }
    }
  }
}
