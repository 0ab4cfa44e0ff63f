internal import PacketDecoding

/// libpcap's DLT_ numbers are those of files (LINKTYPE_) except for a few old ones that differ between systems
/// (https://www.tcpdump.org/linktypes.html: "DLT_RAW" is 12, on OpenBSD 14, and 101 in files).
extension LinkType {
  private static let rawDLT: Int32 = 12
  private static let rawDLTOpenBSD: Int32 = 14

  /// - Parameter number: a DLT_ number of libpcap, or what stands in a file: some writers put the DLT_ number there.
  init?(dlt number: Int32) {
    switch number {
    case Self.rawDLT, Self.rawDLTOpenBSD: self = .raw
    default:
      guard let value = UInt16(exactly: number) else { return nil }
      self.init(rawValue: value)
    }
  }

  var dlt: Int32 {
    self == .raw ? Self.rawDLT : Int32(rawValue)
  }
}
