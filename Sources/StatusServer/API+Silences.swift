internal import Alerting
internal import Monitoring
internal import Reporting

extension API {
  func silences() async -> Answer {
    guard let (live, snapshot) = await Self.read(source) else { return .stopping }
    return .json { $0.listing(snapshot) { $0.silences(live.silences, snapshot.alerts) } }
  }

  /// What there is of it is shown at once: who asks next is told the new state.
  func change(_ change: SilenceChange) async -> Answer {
    do throws(SilenceFault) {
      guard let silence = try source.change(change) else {
        return .problem(404, "Not Found", "there is no silence of this id")
      }
      guard let (_, snapshot) = await Self.read(source) else { return .stopping }
      return .json { $0.silence(silence, snapshot.alerts) }
    } catch {
      return .problem(400, "Bad Request", error.description)
    }
  }
}
