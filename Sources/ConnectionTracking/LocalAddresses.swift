package import PacketDecoding

/// Which addresses are this host's (or, for a file, were said to be).
package struct LocalAddresses: Sendable {
  /// In order: each new connection asks for both its addresses.
  private let addresses: [IPAddress]
  private let networks: [CIDR]
  /// A bit for each address, by its hash: of most that come, nothing else need be asked.
  private let marks: UInt64

  /// Nobody said what is local.
  package static let unknown = LocalAddresses(addresses: [], networks: [])

  package init(addresses: Set<IPAddress>, networks: [CIDR]) {
    self.addresses = addresses.sorted { $0.stands(before: $1) }
    self.networks = networks
    marks = addresses.reduce(0) { marks, address in marks | Self.mark(address) }
  }

  package var isKnown: Bool { !addresses.isEmpty || !networks.isEmpty }

  package func contains(_ address: IPAddress) -> Bool {
    isListed(address) || !networks.isEmpty && isInNetwork(address)
  }

  @inline(never)
  private func isInNetwork(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }

  /// An address of this host itself, not of a network that was said to be local.
  package func belongsToHost(_ address: IPAddress) -> Bool {
    isListed(address) || address.isLoopback
  }

  @inline(__always)
  private static func mark(_ address: IPAddress) -> UInt64 {
    1 &<< ((address.high ^ address.low) &* 0x9E37_79B9_7F4A_7C15 >> 58)
  }

  @inline(__always)
  private func isListed(_ address: IPAddress) -> Bool { marks & Self.mark(address) != 0 && isAmongAll(address) }

  @inline(never)
  private func isAmongAll(_ address: IPAddress) -> Bool {
    var (low, high) = (0, addresses.count)
    while low < high {
      let middle = (low + high) / 2
      if addresses[middle] == address { return true }
      if addresses[middle].stands(before: address) { low = middle + 1 } else { high = middle }
    }
    return false
  }

  func side(client: Endpoint, server: Endpoint) -> LocalSide {
    guard isKnown else { return .unknown }
    switch (contains(client.address), contains(server.address)) {
    case (true, true): return .both
    case (true, false): return .client
    case (false, true): return .server
    case (false, false): return .transit
    }
  }
}

extension IPAddress {
  @inline(__always)
  fileprivate func stands(before other: IPAddress) -> Bool {
    high != other.high ? high < other.high : low < other.low
  }
}
