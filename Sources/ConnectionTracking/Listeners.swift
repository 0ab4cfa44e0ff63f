package import PacketDecoding

/// Which endpoints have a listening socket, and whose it is: who listens is the server.
package struct Listeners: Sendable {
  private var owners: [Endpoint: Owner] = [:]

  private enum Owner: Equatable {
    case one(UInt16)
    /// They share the port (SO_REUSEPORT), and the kernel picks one for each connection.
    case several
  }

  package init() {}

  /// - Parameter owner: its number; 0 for nobody known.
  package mutating func add(_ endpoint: Endpoint, owner: UInt16 = 0) {
    let known = owners[endpoint] ?? .one(owner)
    owners[endpoint] = known == .one(owner) ? known : .several
  }

  package func contains(_ endpoint: Endpoint) -> Bool { owner(at: endpoint) != nil }

  /// Which part the local end has; nil when neither end has a listener. On a loopback connection both are local.
  package func role(local: Endpoint, remote: Endpoint, remoteIsLocal: Bool) -> Role? {
    if contains(local) { return .server }
    return remoteIsLocal && contains(remote) ? .client : nil
  }

  /// Who holds a server's end: an accepted socket is of the cgroup of its listener.
  package func ownership(ofServer local: Endpoint, as attribution: Attribution) -> Ownership {
    switch owner(at: local) {
    case .one(0), nil: .unknown
    case .one(let number): Ownership(owner: number, attribution: attribution)
    case .several: Ownership(owner: 0, attribution: .ambiguous)
    }
  }

  /// The listener on the address itself comes before those on any address, of which the one of the same family is
  /// first; one on :: takes IPv4 too, unless it has IPV6_V6ONLY.
  private func owner(at endpoint: Endpoint) -> Owner? {
    Self.first(for: endpoint) { owners[$0] }
  }

  /// What is found for the first of the endpoints, in that order, at which a listener would take a connection to this
  /// one.
  package static func first<Found>(for endpoint: Endpoint, _ find: (Endpoint) -> Found?) -> Found? {
    if let found = find(endpoint) { return found }
    if endpoint.address.isIPv4, let found = find(Endpoint(address: anyIPv4, port: endpoint.port)) { return found }
    return find(Endpoint(address: anyIPv6, port: endpoint.port))
  }

  private static let anyIPv4 = IPAddress(ipv4: 0)
  private static let anyIPv6 = IPAddress(high: 0, low: 0)
}
