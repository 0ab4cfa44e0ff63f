package import Monitoring

/// Where answers come from: the capture worker. Nil means that it has stopped.
package protocol StatusSource: Sendable {
  func snapshot() async -> Snapshot?
  func live() async -> LiveStatus?
  func history() -> FigureHistory
  func connections(_ query: ConnectionQuery) async -> ConnectionPage?
}
