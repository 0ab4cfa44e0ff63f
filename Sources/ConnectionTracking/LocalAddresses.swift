package import PacketDecoding

/// Which addresses are this host's (or, for a file, were said to be).
package struct LocalAddresses: Sendable {
  private let addresses: Set<IPAddress>
  private let networks: [CIDR]

  /// Nobody said what is local.
  package static let unknown = LocalAddresses(addresses: [], networks: [])

  package init(addresses: Set<IPAddress>, networks: [CIDR]) {
    self.addresses = addresses
    self.networks = networks
  }

  package var isKnown: Bool { !addresses.isEmpty || !networks.isEmpty }

  package func contains(_ address: IPAddress) -> Bool {
    addresses.contains(address) || networks.contains { $0.contains(address) }
  }

  /// An address of this host itself, not of a network that was said to be local.
  package func belongsToHost(_ address: IPAddress) -> Bool {
    addresses.contains(address) || address.isLoopback
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
