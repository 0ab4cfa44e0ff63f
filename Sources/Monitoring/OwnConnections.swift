internal import ConnectionTracking
package import PacketDecoding

/// A connection that the daemon opens itself, known before its first packet.
package struct OwnConnection: Sendable, Hashable {
  /// Of the end of this host; its address is chosen with the first packet.
  package var port: UInt16
  package var remote: Endpoint

  package init(port: UInt16, remote: Endpoint) {
    self.port = port
    self.remote = remote
  }
}

/// Those that are open, and those whose last packets and TIME_WAIT may still show.
package struct OwnConnections: Sendable {
  private var entries: [Entry] = []
  private(set) var ports = PortHints()

  private struct Entry {
    var connection: OwnConnection
    /// Nil while it is open.
    var ended: Instant?

    func isOver(at now: Instant) -> Bool { ended.map { now - $0 >= OwnConnections.aftermath } ?? false }
  }

  /// Longer than TIME_WAIT, and than the last retransmissions of a connection that went well.
  private static let aftermath = Seconds(120)
  private static let endedLimit = 512

  package init() {}

  package var isEmpty: Bool { entries.isEmpty }

  package mutating func begin(_ connection: OwnConnection) {
    entries.removeAll { $0.connection == connection }
    entries.append(Entry(connection: connection))
    ports.insert(connection.port)
  }

  package mutating func end(_ connection: OwnConnection, at now: Instant) {
    guard let index = entries.firstIndex(where: { $0.connection == connection }) else { return }
    entries[index].ended = now
    if entries.count > Self.endedLimit, let oldest = entries.firstIndex(where: { $0.ended != nil }) {
      entries.remove(at: oldest)
    }
  }

  package mutating func forget(at now: Instant) {
    guard entries.contains(where: { $0.isOver(at: now) }) else { return }
    entries.removeAll { $0.isOver(at: now) }
    ports = PortHints()
    for entry in entries { ports.insert(entry.connection.port) }
  }

  /// Whether a packet between these ends, or a socket with them, is of one of the connections.
  func include(_ a: Endpoint, _ b: Endpoint, _ local: LocalAddresses) -> Bool {
    include(own: a, remote: b, local) || include(own: b, remote: a, local)
  }

  private func include(own: Endpoint, remote: Endpoint, _ local: LocalAddresses) -> Bool {
    guard ports.mayContain(own.port) else { return false }
    return local.belongsToHost(own.address)
      && entries.contains { $0.connection.port == own.port && $0.connection.remote == remote }
  }
}
