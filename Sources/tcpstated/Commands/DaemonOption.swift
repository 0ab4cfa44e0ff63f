import ArgumentParser

/// Where a daemon is asked.
struct DaemonOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where the daemon answers: http://HOST:PORT or unix:/PATH (default: \(DaemonURL.standard)).",
      valueName: "url"
    ),
    transform: DaemonURL.read
  )
  var url = DaemonURL.standard
}

/// Where a daemon takes orders, and gives packets.
struct SocketOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where the daemon answers: unix:/PATH (default: \(DaemonURL.standardSocket)).",
      valueName: "url"
    ),
    transform: DaemonURL.read
  )
  var url = DaemonURL.standardSocket

  var client: DaemonClient { DaemonClient(url: url) }

  func validate() throws {
    guard case .unix = url.place else {
      throw ValidationError("packets are given and silences changed over a Unix socket alone: --url unix:/PATH")
    }
  }
}

extension DaemonURL: ExpressibleByArgument {
  init?(argument: String) { self.init(argument) }
}
