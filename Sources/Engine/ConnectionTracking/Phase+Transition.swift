extension Phase {
  /// The state of an end after it sent or received what `event` says: RFC 9293, 3.3.2, as an observer sees it.
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
  /// FIN it sends crossed the peer's, for then it was in FIN_WAIT_1 before the peer's FIN came. A segment outside the
  /// window is no event: the caller drops it before (RFC 5961). An arrow not drawn here is listed as a state that stays.
  package func after(_ event: Event, _ part: Part) -> Phase {
    switch (self, event, part) {
    // Opening.
    case (.closed, .syn, .sent): .synSent
    case (.closed, .syn, .received): .listen
    case (.listen, .syn, .sent): .synSent
    case (.listen, .synAck, .sent): .synReceived
    case (.closed, .synAck, .sent): .synReceived
    case (.synSent, .synAck, .received): .established
    case (.synSent, .synAck, .sent): .synReceived
    case (.closed, .synAck, .received): .established
    case (.synReceived, .synAcknowledged, .received): .established
    case (.synReceived, .synAck, .received): .established
    case (.listen, .syn, .received), (.listen, .synAck, .received): .listen
    case (.closed, .synAcknowledged, _), (.listen, .synAcknowledged, _): self
    case (.synSent, .syn, _), (.synSent, .synAcknowledged, _): .synSent
    case (.synReceived, .syn, _), (.synReceived, .synAck, .sent), (.synReceived, .synAcknowledged, .sent): .synReceived
    case (.established, .syn, _), (.established, .synAck, _), (.established, .synAcknowledged, _): .established

    // Closing.
    case (.established, .fin, .sent), (.synReceived, .fin, .sent), (.synSent, .fin, .sent): .finWait1
    case (.established, .finCrossing, .sent), (.synReceived, .finCrossing, .sent): .finWait1
    case (.synSent, .finCrossing, .sent): .finWait1
    case (.established, .fin, .received), (.synReceived, .fin, .received): .closeWait
    case (.established, .finCrossing, .received), (.synReceived, .finCrossing, .received): .closeWait
    case (.finWait1, .finAcknowledged, .received): .finWait2
    case (.finWait1, .fin, .received), (.finWait1, .finCrossing, .received): .closing
    case (.finWait2, .fin, .received), (.finWait2, .finCrossing, .received): .timeWait
    case (.closing, .finAcknowledged, .received): .timeWait
    case (.closeWait, .fin, .sent): .lastAck
    case (.closeWait, .finCrossing, .sent): .closing
    case (.lastAck, .finAcknowledged, .received): .closed
    case (.closed, .finAcknowledged, _), (.closed, .fin, _), (.closed, .finCrossing, _): .closed
    case (.listen, .finAcknowledged, _), (.listen, .fin, _), (.listen, .finCrossing, _): .listen
    case (.synSent, .finAcknowledged, _), (.synSent, .fin, .received), (.synSent, .finCrossing, .received): .synSent
    case (.synReceived, .finAcknowledged, _): .synReceived
    case (.established, .finAcknowledged, _): .established
    case (.finWait1, .finAcknowledged, .sent), (.finWait1, .fin, .sent), (.finWait1, .finCrossing, .sent): .finWait1
    case (.finWait2, .finAcknowledged, _), (.finWait2, .fin, .sent), (.finWait2, .finCrossing, .sent): .finWait2
    case (.closeWait, .finAcknowledged, _), (.closeWait, .fin, .received): .closeWait
    case (.closeWait, .finCrossing, .received): .closeWait
    case (.closing, .finAcknowledged, .sent), (.closing, .fin, _), (.closing, .finCrossing, _): .closing
    case (.lastAck, .finAcknowledged, .sent), (.lastAck, .fin, _), (.lastAck, .finCrossing, _): .lastAck
    case (.timeWait, .finAcknowledged, _), (.timeWait, .fin, _), (.timeWait, .finCrossing, _): .timeWait

    // A handshake's segment after the handshake is a retransmission.
    case (.finWait1, .syn, _), (.finWait1, .synAck, _), (.finWait1, .synAcknowledged, _): .finWait1
    case (.finWait2, .syn, _), (.finWait2, .synAck, _), (.finWait2, .synAcknowledged, _): .finWait2
    case (.closeWait, .syn, _), (.closeWait, .synAck, _), (.closeWait, .synAcknowledged, _): .closeWait
    case (.closing, .syn, _), (.closing, .synAck, _), (.closing, .synAcknowledged, _): .closing
    case (.lastAck, .syn, _), (.lastAck, .synAck, _), (.lastAck, .synAcknowledged, _): .lastAck
    case (.timeWait, .syn, _), (.timeWait, .synAck, _), (.timeWait, .synAcknowledged, _): .timeWait

    // An accepted RST leaves nothing at either end.
    case (.closed, .rst, _), (.listen, .rst, _), (.synSent, .rst, _), (.synReceived, .rst, _): .closed
    case (.established, .rst, _), (.finWait1, .rst, _), (.finWait2, .rst, _), (.closeWait, .rst, _): .closed
    case (.closing, .rst, _), (.lastAck, .rst, _), (.timeWait, .rst, _): .closed
    }
  }
}
