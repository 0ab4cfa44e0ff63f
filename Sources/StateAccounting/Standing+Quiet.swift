package import ConnectionTracking

extension Standing {
  /// Whether the books need not hear of a move at once, but can be told of it with the next move of the connection, or
  /// at the end: nothing that is sampled or asked for on the way depends on it, nor whether its accounts are in use,
  /// nor what the next move is taken for.
  @inline(__always)
  package func movesQuietly(to next: Standing) -> Bool {
    serverPhase != .listen && clientPhase != .synSent && movesEndsAlone(next)
      && (clientPhase == .closed) == (next.clientPhase == .closed)
      && (serverPhase == .closed) == (next.serverPhase == .closed)
  }
}
