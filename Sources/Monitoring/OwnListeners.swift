internal import ConnectionTracking
package import PacketDecoding

/// Where the daemon itself listens.
package struct OwnListeners: Sendable {
  /// Few: looking at each is quicker than a hash.
  private let endpoints: [Endpoint]
  let ports: PortHints

  /// - Parameter endpoints: as they are bound; an address of zeros stands for all addresses of this host.
  package init(_ endpoints: [Endpoint] = []) {
    self.endpoints = endpoints
    var ports = PortHints()
    for endpoint in endpoints { ports.insert(endpoint.port) }
    self.ports = ports
  }

  /// Whether a connection with this end is the daemon's own. Another program may have the same port at another address.
  func answer(at end: Endpoint, _ local: LocalAddresses) -> Bool {
    for listener in endpoints where listener.port == end.port {
      if listener.address == end.address { return true }
      if listener.address.isWildcard(for: end.address), local.belongsToHost(end.address) { return true }
    }
    return false
  }
}
