import ArgumentParser
import Glibc

@main
struct TCPStated: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "tcpstated",
    abstract: "Watches TCP connections: who closes them, who keeps the TIME_WAIT, and when it will hurt.",
    discussion: """
      Examples:
        tcpstated run                            watch this host
        tcpstated status                         what the daemon sees
        tcpstated top                            the same, as it changes
        tcpstated connections state time-wait    which connections hold TIME_WAIT
        tcpstated analyze trace.pcap             the same from a capture file
        tcpstated explain no_pool                why a connection closed
        tcpstated doctor                         what this host lacks

      Exit codes: 0 done, 1 failed or unreachable, 3 from status when an alert is
      firing, 64 wrong usage.
      """,
    version: version,
    subcommands: [
      RunCommand.self, AnalyzeCommand.self, StatusCommand.self, TopCommand.self, ConnectionsCommand.self,
      ServicesCommand.self, PeersCommand.self, DestinationsCommand.self, AlertsCommand.self, FindingsCommand.self,
      HistoryCommand.self, SilenceCommand.self, CaptureCommand.self, ExplainCommand.self,
      CheckConfigCommand.self, DoctorCommand.self, SupportBundleCommand.self,
    ]
  )

  /// A reader who goes away (`| head`) shows as EPIPE, and a peer as an error of its socket; neither ends the process.
  ///
  /// Not asynchronous: `run` blocks signals and drops privileges while there is only this thread.
  static func main() {
    _ = signal(SIGPIPE, SIG_IGN)
    main(nil)
  }
}
