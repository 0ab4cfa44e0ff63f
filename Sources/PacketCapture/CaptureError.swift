package import PacketDecoding

/// Why a capture cannot start or go on. The description is one line: what, where, and what to do about it.
package enum CaptureError: Error, Equatable, Sendable {
  case noPermission(interface: String)
  case noSuchInterface(String, available: [String])
  case interfaceDown(String)
  /// It was there when the capture started.
  case interfaceGone(String)
  /// Whatever else libpcap or the kernel reports about an interface.
  case interfaceFailed(String, reason: String)
  case badFilter(expression: String, reason: String)
  /// Frames of this kind cannot be filtered (no program is written for it).
  case unsupportedLinkType(LinkType, interface: String)
  case fileUnreadable(path: String, reason: String)
  case notACapture(path: String, reason: String)
}

extension CaptureError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noPermission(let interface):
      "cannot capture on \(interface): it needs the capability CAP_NET_RAW; "
        + "run with sudo, or as the systemd unit, which grants it"
    case .noSuchInterface(let name, let available):
      "there is no interface \(name)"
        + (available.isEmpty ? "" : "; there are \(available.joined(separator: ", "))")
    case .interfaceDown(let name):
      "interface \(name) is down; bring it up with: ip link set \(name) up"
    case .interfaceGone(let name):
      "interface \(name) has gone away"
    case .interfaceFailed(let name, let reason):
      "cannot capture on \(name): \(reason)"
    case .badFilter(let expression, let reason):
      "cannot use the filter '\(expression)': \(reason) (the syntax is described in pcap-filter(7))"
    case .unsupportedLinkType(let linkType, let interface):
      "cannot capture on \(interface): its frames have link type \(linkType.rawValue), which is not supported"
    case .fileUnreadable(let path, let reason):
      "cannot read \(path): \(reason)"
    case .notACapture(let path, let reason):
      "\(path) is no capture file: \(reason)"
    }
  }
}

/// From where on a capture file could not be read. Everything before it was.
package struct CaptureDamage: Hashable, Sendable, CustomStringConvertible {
  /// The first octet of the record that could not be read: in the file, or in the decompressed data of a gzip file.
  package let offset: UInt64
  package let reason: String
  package let isCompressed: Bool

  package init(offset: UInt64, reason: String, isCompressed: Bool = false) {
    self.offset = offset
    self.reason = reason
    self.isCompressed = isCompressed
  }

  package var description: String {
    "damaged at byte \(offset)\(isCompressed ? " of the decompressed data" : ""): \(reason)"
  }
}
