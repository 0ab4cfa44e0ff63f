internal import ConnectionTracking
package import PacketDecoding

/// Memory that is asked for before it is needed.
extension Ledger {
  /// What opening one begins with.
  ///
  /// - Returns: what `expectOpening` goes on with; 0 where the client has no number.
  package mutating func expect(client: IPAddress, server: Endpoint) -> UInt64 { expectOf(client, server) }

  /// The same, between IPv4 addresses.
  package mutating func expect(_ ends: RequestEnds) -> UInt64 { expectOf(ends.client.address, ends.server) }

  @inline(__always)
  private mutating func expectOf(_ client: IPAddress, _ server: Endpoint) -> UInt64 {
    let service = recent(server) ?? knownBefore(server)
    let hash = hash(ofPeer: client, service)
    guard peerNumbers.mayHold(hash) else { return 0 }
    peerNumbers.prefetch(hash)
    return expectedAccounts.begin(client, server, service, hash)
  }

  /// What it goes on with.
  ///
  /// - Returns: the client's number, if it probably has one.
  package mutating func expectOpening(_ hash: UInt64) -> UInt32? {
    guard let number = peerNumbers.search(hash, { _ in true }) else { return nil }
    peers.prefetchTwo(Int(number))
    expectedAccounts.note(number, hash)
    return number
  }

  /// The accounts of a client and a server, where one was expected to open a connection to the other. (No client's
  /// account belongs to service 0, nor to one that was given back.)
  @inline(__always)
  mutating func expected(_ client: IPAddress, _ server: Endpoint) -> AccountKey? {
    let entry = expectedAccounts.entry(client, server)
    guard entry.service != 0, peers[Int(entry.peer)].belongs(client, entry.service),
      services[Int(entry.service)].service == server
    else { return nil }
    return AccountKey(service: entry.service, peer: entry.peer)
  }
}
