internal import ConnectionTracking
package import PacketDecoding

/// Memory that is asked for before it is needed.
extension Ledger {
  /// What moves of a connection touch.
  @inline(__always)
  package mutating func expect(peer number: UInt32) { peers.prefetch(Int(number)) }

  /// What opening one begins with.
  ///
  /// - Returns: what `expectOpening` goes on with; 0 where the client has no number.
  package mutating func expect(client: IPAddress, server: Endpoint) -> UInt64 { expectOf(client, server) }

  /// The same, between IPv4 addresses.
  package mutating func expect(_ ends: RequestEnds) -> UInt64 { expectOf(ends.client.address, ends.server) }

  @inline(__always)
  private mutating func expectOf(_ client: IPAddress, _ server: Endpoint) -> UInt64 {
    let hash = hash(ofPeer: client, recent(server) ?? knownBefore(server))
    guard peerNumbers.mayHold(hash) else { return 0 }
    peerNumbers.prefetch(hash)
    return hash
  }

  /// What it goes on with.
  ///
  /// - Returns: the client's number, if it probably has one.
  package mutating func expectOpening(_ hash: UInt64) -> UInt32? {
    guard let number = peerNumbers.find(hash, { _ in true }) else { return nil }
    peers.prefetchTwo(Int(number))
    return number
  }
}
