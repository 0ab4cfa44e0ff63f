/// What a field of a record is: a number of IANA's registry, or of an enterprise's own (RFC 7011, 3.2).
struct InformationElement: Hashable, Sendable {
  var number: UInt16
  /// In octets; `variable` for what says its length itself.
  var length: UInt16
  /// Private enterprise number; nil for IANA's own elements.
  var enterprise: UInt32?

  static let variable: UInt16 = 65_535

  init(_ number: UInt16, _ length: UInt16, of enterprise: UInt32? = nil) {
    self.number = number
    self.length = length
    self.enterprise = enterprise
  }

  /// Of the other direction of the same connection (RFC 5103, 6.1).
  var reversed: InformationElement { InformationElement(number, length, of: Self.reverseEnterprise) }

  private static let reverseEnterprise: UInt32 = 29_305
}

extension InformationElement {
  static let sourceIPv4Address = InformationElement(8, 4)
  static let destinationIPv4Address = InformationElement(12, 4)
  static let sourceIPv6Address = InformationElement(27, 16)
  static let destinationIPv6Address = InformationElement(28, 16)
  static let sourceTransportPort = InformationElement(7, 2)
  static let destinationTransportPort = InformationElement(11, 2)
  static let protocolIdentifier = InformationElement(4, 1)
  static let flowStartMilliseconds = InformationElement(152, 8)
  static let flowEndMilliseconds = InformationElement(153, 8)
  static let flowEndReason = InformationElement(136, 1)
  static let biflowDirection = InformationElement(239, 1)
  static let octetDeltaCount = InformationElement(1, 8)
  static let packetDeltaCount = InformationElement(2, 8)
  /// One octet, as RFC 9565 allows when the upper one is zero: it holds no flags.
  static let tcpControlBits = InformationElement(6, 1)

  // CERT's, which flow tools know: flags of the first packet, and of all others. It marks reverse ones by a bit.

  private static let cert: UInt32 = 6871
  private static let certReverse: UInt16 = 0x4000
  static let initialTCPFlags = InformationElement(14, 1, of: cert)
  static let unionTCPFlags = InformationElement(15, 1, of: cert)
  static let reverseInitialTCPFlags = InformationElement(14 | certReverse, 1, of: cert)
  static let reverseUnionTCPFlags = InformationElement(15 | certReverse, 1, of: cert)

  // For describing elements (RFC 5610).

  static let privateEnterpriseNumber = InformationElement(346, 4)
  static let informationElementId = InformationElement(303, 2)
  static let informationElementDataType = InformationElement(339, 1)
  static let informationElementSemantics = InformationElement(344, 1)
  static let informationElementUnits = InformationElement(345, 2)
  static let informationElementRangeBegin = InformationElement(342, 8)
  static let informationElementRangeEnd = InformationElement(343, 8)
  static let informationElementName = InformationElement(341, variable)
  static let informationElementDescription = InformationElement(340, variable)
}
