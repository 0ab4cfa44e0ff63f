package import ConnectionTracking
package import PacketDecoding

/// Moves that nobody looks at before the end: they change how many ends are in which state, and nothing of what is
/// sampled or asked for on the way. Kept apart for a part of all connections, they can be added to the books at any
/// time.
package struct QuietMoves: Sendable {
  private var services = [ServiceAccount(service: Endpoint.nobody)]
  private var numbers = NumberIndex()
  private let hasher = EndpointHasher()
  private let limit = Ledger.Limits().services

  package init() {}

  /// - Returns: under which its moves are kept; 0 when there are too many services.
  package mutating func number(of service: Endpoint) -> UInt32 {
    let hash = hasher(service, salt: 0)
    if let number = numbers.find(hash, { services[$0].service == service }) { return number }
    guard services.count < limit else { return 0 }
    let number = UInt32(services.count)
    services.append(ServiceAccount(service: service))
    numbers.insert(number, hash)
    return number
  }

  /// - Returns: false when the move is for the books.
  package mutating func take(_ number: UInt32, from: Standing, to: Standing) -> Bool {
    guard number != 0, from.movesQuietly(to) else { return false }
    if from != to { services[Int(number)].move(from, to) }
    return true
  }

  fileprivate func forEach(_ body: (ServiceAccount) -> Void) { services.dropFirst().forEach(body) }
}

extension Ledger {
  /// Of connections that were opened here.
  package mutating func add(_ moves: QuietMoves) {
    moves.forEach { account in
      services[Int(number(of: account.service, .unknown, isProven: true))].add(account)
    }
  }
}

extension Standing {
  /// Whether a move changes nothing that a peer's account, a sample or a verdict depends on, nor whose account it is,
  /// which is settled when a server answers.
  @inline(__always)
  fileprivate func movesQuietly(_ next: Standing) -> Bool {
    serverPhase != .listen && movesEndsAlone(next)
  }
}
