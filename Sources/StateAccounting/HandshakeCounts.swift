internal import ConnectionTracking

/// Handshakes of a service that did not go through at once, since start.
package struct HandshakeCounts: Sendable, Equatable {
  /// Segments that were sent again; a SYN-ACK after the handshake's ACK apart.
  package var synRepeats = 0
  package var synACKRepeats = 0
  package var synACKRepeatsAfterACK = 0
  /// Connections whose SYN had to be repeated, and was answered then.
  package var answeredLate = 0
  /// Connections whose SYN was answered by RST, by an ICMP error, by nobody.
  package var refused = 0
  package var unreachable = 0
  package var unanswered = 0

  package init() {}

  /// More than refusals, which show as causes, too.
  package var hasTrouble: Bool {
    synRepeats + synACKRepeats + synACKRepeatsAfterACK + answeredLate + unreachable + unanswered > 0
  }

  mutating func note(_ event: HandshakeEvent) {
    switch event {
    case .synRepeated: synRepeats += 1
    case .synACKRepeated(let afterACK): if afterACK { synACKRepeatsAfterACK += 1 } else { synACKRepeats += 1 }
    case .answeredLate: answeredLate += 1
    case .unreachable: unreachable += 1
    }
  }

  mutating func add(_ other: HandshakeCounts) {
    synRepeats += other.synRepeats
    synACKRepeats += other.synACKRepeats
    synACKRepeatsAfterACK += other.synACKRepeatsAfterACK
    answeredLate += other.answeredLate
    refused += other.refused
    unreachable += other.unreachable
    unanswered += other.unanswered
  }

  /// Takes how a connection ended whose SYN was not answered.
  mutating func noteUnanswered(_ connection: borrowing EndedConnection) {
    switch connection.closeKind {
    case .refused: refused += 1
    case .expired: if connection.ranOut { unanswered += 1 }
    case .none, .fin, .rst, .reused: break
    }
  }
}
