extension Settings {
  /// Keys whose values are other ones in `new`, and which are looked at only when the daemon starts.
  package func keysForRestart(in new: Settings) -> [String] {
    var keys: [String] = []
    func compare(_ key: String, _ value: (Settings) -> some Equatable) {
      if value(self) != value(new) { keys.append(key) }
    }
    compare("interfaces") { $0.interfaces }
    compare("netns") { $0.netns }
    compare("capture.tier") { $0.capture.tier }
    compare("capture.fall_back") { $0.capture.fallBack }
    compare("capture.buffer") { $0.capture.buffer }
    compare("capture.snap_length") { $0.capture.snapLength }
    compare("capture.workers") { $0.capture.workers }
    compare("capture.promiscuous") { $0.capture.promiscuous }
    compare("capture.decapsulate") { $0.capture.decapsulate }
    compare("http.listen") { $0.http.listen }
    compare("http.allowed_hosts") { $0.http.allowedHosts }
    compare("http.socket") { $0.http.socket }
    compare("http.metrics_listen") { $0.http.metricsListen }
    compare("memory_limit") { $0.memoryLimit }
    compare("closed_retention.for") { $0.closedRetention.duration }
    compare("closed_retention.count") { $0.closedRetention.count }
    compare("kernel.processes") { $0.kernel.processes }
    compare("state_directory") { $0.stateDirectory }
    compare("recorder") { $0.recorder }
    compare("history") { $0.history }
    compare("deliver") { $0.delivery }
    compare("export") { $0.export }
    compare("log.level") { $0.log.level }
    compare("log.format") { $0.log.format }
    return keys
  }
}
