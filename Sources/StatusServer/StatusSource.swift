package import Alerting
package import Monitoring

/// Where answers come from: the capture worker. Nil means that it has stopped.
package protocol StatusSource: Sendable {
  func snapshot() async -> Snapshot?
  func live() async -> LiveStatus?
  func history() -> FigureHistory
  /// A capture file of the recorder; nil too when nothing is recorded.
  func recording(_ query: RecordingQuery) async -> [UInt8]?
  /// Nil when there is no such silence.
  func change(_ change: SilenceChange) throws(SilenceFault) -> Silence?
  func connections(_ query: ConnectionQuery) async -> ConnectionPage?
}

extension StatusSource {
  package func change(_ change: SilenceChange) throws(SilenceFault) -> Silence? {
    throw SilenceFault("nothing is silenced here")
  }
}
