internal import PacketDecoding

extension Flow {
  /// As much of two endpoints as stands in the hot line.
  @inline(__always)
  static func words(_ first: Endpoint, _ second: Endpoint) -> UInt64 {
    UInt64(UInt32(truncatingIfNeeded: first.address.low)) | second.address.low << 32
  }

  @inline(__always)
  static func ports(_ first: Endpoint, _ second: Endpoint) -> UInt32 {
    UInt32(first.port) | UInt32(second.port) << 16
  }

  @inline(__always)
  var words: UInt64 { UInt64(firstWord) | UInt64(secondWord) << 32 }

  @inline(__always)
  var ports: UInt32 { UInt32(firstPort) | UInt32(secondPort) << 16 }

  enum Match {
    case differs
    case same
    /// As far as the hot line tells: the rest is in the detail.
    case perhaps
  }

  @inline(__always)
  func hotMatches(_ key: FlowKey) -> Match {
    guard
      firstWord == UInt32(truncatingIfNeeded: key.first.address.low), firstPort == key.first.port,
      secondWord == UInt32(truncatingIfNeeded: key.second.address.low), secondPort == key.second.port,
      traits.isWide == key.isWide
    else { return .differs }
    return traits.isWide ? .perhaps : .same
  }

  /// The key, where it fits.
  @inline(__always)
  var narrowKey: FlowKey? {
    guard !traits.isWide else { return nil }
    return FlowKey(
      first: Endpoint(address: IPAddress(ipv4: firstWord), port: firstPort),
      second: Endpoint(address: IPAddress(ipv4: secondWord), port: secondPort),
      scope: 0
    )
  }
}

extension FlowKey {
  /// Whether the hot line cannot hold the key whole.
  var isWide: Bool { scope != 0 || namespace != 0 || !first.address.isIPv4 || !second.address.isIPv4 }
}
