/// Elements that no registry has, under the enterprise number that the operator gives. Their numbers never change.
enum OwnElement: UInt16, CaseIterable, Sendable {
  case closedFirst = 1
  case closeKind = 2
  case closeCause = 3
  case timeWaitSide = 4
  case retransmits = 5
  case reverseRetransmits = 6

  func element(of enterprise: UInt32) -> InformationElement {
    InformationElement(rawValue, type == .string ? InformationElement.variable : 8, of: enterprise)
  }

  /// IANA's informationElementDataType.
  enum DataType: UInt8 {
    case unsigned64 = 4
    case string = 13
  }

  var type: DataType {
    switch self {
    case .closedFirst, .closeKind, .closeCause, .timeWaitSide: .string
    case .retransmits, .reverseRetransmits: .unsigned64
    }
  }

  /// IANA's informationElementSemantics: 0 default, 3 deltaCounter.
  var semantics: UInt8 { type == .string ? 0 : 3 }

  /// IANA's informationElementUnits: 0 none, 3 packets.
  var units: UInt16 { type == .string ? 0 : 3 }

  var name: String {
    switch self {
    case .closedFirst: "tcpClosedFirst"
    case .closeKind: "tcpCloseKind"
    case .closeCause: "tcpCloseCause"
    case .timeWaitSide: "tcpTimeWaitSide"
    case .retransmits: "tcpRetransmittedSegments"
    case .reverseRetransmits: "reverseTcpRetransmittedSegments"
    }
  }

  var description: String {
    switch self {
    case .closedFirst: "Sender of the first FIN or RST: client, server, simultaneous; empty when nobody closed"
    case .closeKind: "How the connection ended: fin, rst, refused, expired, reused"
    case .closeCause: "Why it closed: a name of tcpstated's list of causes"
    case .timeWaitSide: "Who held TIME_WAIT: client, server, both; empty for nobody"
    case .retransmits: "Segments with payload, SYN or FIN and no new sequence range"
    case .reverseRetransmits: "The same, of the other direction"
    }
  }
}
