internal import CloseDiagnosis
internal import ConnectionTracking
internal import Monitoring
internal import PacketDecoding
internal import Reporting

/// What a flow record holds, in the order of its template.
enum FlowField: CaseIterable, Sendable {
  case source, destination, sourcePort, destinationPort, transport
  case start, end, endReason, direction
  case octets, reverseOctets, packets, reversePackets
  // Collectors that know one direction alone take what comes last for it.
  case reverseFlags, flags
  case initialFlags, unionFlags, reverseInitialFlags, reverseUnionFlags
  case retransmits, reverseRetransmits
  case closedFirst, closeKind, closeCause, timeWaitSide

  /// Only in records of both directions.
  var isOfBoth: Bool {
    switch self {
    case .direction, .reverseOctets, .reversePackets, .reverseFlags, .reverseInitialFlags, .reverseUnionFlags,
      .reverseRetransmits:
      true
    default: false
    }
  }

  func element(isIPv4: Bool) -> InformationElement? {
    switch self {
    case .source: isIPv4 ? .sourceIPv4Address : .sourceIPv6Address
    case .destination: isIPv4 ? .destinationIPv4Address : .destinationIPv6Address
    case .sourcePort: .sourceTransportPort
    case .destinationPort: .destinationTransportPort
    case .transport: .protocolIdentifier
    case .start: .flowStartMilliseconds
    case .end: .flowEndMilliseconds
    case .endReason: .flowEndReason
    case .direction: .biflowDirection
    case .octets: .octetDeltaCount
    case .reverseOctets: .octetDeltaCount.reversed
    case .packets: .packetDeltaCount
    case .reversePackets: .packetDeltaCount.reversed
    case .reverseFlags: .tcpControlBits.reversed
    case .flags: .tcpControlBits
    case .initialFlags: .initialTCPFlags
    case .unionFlags: .unionTCPFlags
    case .reverseInitialFlags: .reverseInitialTCPFlags
    case .reverseUnionFlags: .reverseUnionTCPFlags
    case .retransmits, .reverseRetransmits, .closedFirst, .closeKind, .closeCause, .timeWaitSide: nil
    }
  }

  /// The same, for elements that are our own.
  var ownElement: OwnElement? {
    switch self {
    case .closedFirst: .closedFirst
    case .closeKind: .closeKind
    case .closeCause: .closeCause
    case .timeWaitSide: .timeWaitSide
    case .retransmits: .retransmits
    case .reverseRetransmits: .reverseRetransmits
    default: nil
    }
  }

  /// - Parameter forward: who sends what the record has as its own direction.
  func write(_ record: ConnectionRecord, forward: Role, to out: inout OctetWriter) {
    let (from, to) = forward == .client ? (record.client, record.server) : (record.server, record.client)
    let (own, other) =
      forward == .client
      ? (record.clientCounters, record.serverCounters) : (record.serverCounters, record.clientCounters)
    switch self {
    case .source: out.put(from.address)
    case .destination: out.put(to.address)
    case .sourcePort: out.put(from.port)
    case .destinationPort: out.put(to.port)
    case .transport: out.put(UInt8(6))
    case .start: out.put(Self.milliseconds(record.start))
    case .end: out.put(Self.milliseconds(record.end))
    case .endReason: out.put(record.flowEndReason)
    // The source is who opened the connection.
    case .direction: out.put(UInt8(record.rolesObserved ? 1 : 0))
    case .octets: out.put(own.bytes)
    case .reverseOctets: out.put(other.bytes)
    case .packets: out.put(own.packets)
    case .reversePackets: out.put(other.packets)
    case .flags: out.put(own.unionFlags.rawValue)
    case .reverseFlags: out.put(other.unionFlags.rawValue)
    case .initialFlags: out.put(own.initialFlags.rawValue)
    case .unionFlags: out.put(own.laterFlags.rawValue)
    case .reverseInitialFlags: out.put(other.initialFlags.rawValue)
    case .reverseUnionFlags: out.put(other.laterFlags.rawValue)
    case .retransmits: out.put(own.retransmits)
    case .reverseRetransmits: out.put(other.retransmits)
    case .closedFirst: out.put(record.closedFirst.name ?? "")
    case .closeKind: out.put(record.closeKind.name ?? "")
    case .closeCause: out.put(record.closeCause?.cause.name ?? "")
    case .timeWaitSide: out.put(record.timeWaitSide ?? "")
    }
  }

  private static func milliseconds(_ time: Timestamp?) -> UInt64 {
    UInt64(max((time?.nanoseconds ?? 0) / 1_000_000, 0))
  }
}

extension ConnectionRecord {
  /// IANA's flowEndReason.
  fileprivate var flowEndReason: UInt8 {
    if evicted { return 5 }
    return switch closeKind {
    case .expired: 1
    case .fin, .rst, .refused, .reused: 3
    case .none: 4
    }
  }
}
