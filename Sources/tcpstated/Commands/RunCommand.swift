import ArgumentParser
import Daemon
import PacketDecoding

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs the daemon in the foreground: watches, counts, alerts and answers over HTTP.",
    discussion: """
      Needs the capability CAP_NET_RAW: root, or the systemd unit, which grants
      that alone. SIGHUP reads the configuration again, SIGTERM ends the daemon.

      Examples:
        tcpstated run --interface eth0
        tcpstated run --config /etc/tcpstated/tcpstated.yaml
        tcpstated run --read trace.pcap --fast       serve what a capture file holds
      """
  )

  @Option(
    help: ArgumentHelp("The configuration; without it the defaults hold.", valueName: "file"),
    completion: .file()
  )
  var config: String?

  @Option(
    name: .customLong("interface"),
    parsing: .singleValue,
    help: ArgumentHelp(
      "Capture on this interface (may be repeated) instead of those of the configuration.",
      valueName: "name"
    )
  )
  var interfaces: [String] = []

  @Option(help: ArgumentHelp("Answer here instead of where the configuration says.", valueName: "address:port"))
  var listen: Endpoint?

  @Option(
    help: ArgumentHelp(
      "Take the packets from a capture file, at its pace, instead of from interfaces.",
      valueName: "file"
    ),
    completion: .file()
  )
  var read: String?

  @Flag(help: "With --read: as fast as it can be read, and time stops at its end.")
  var fast = false

  @Flag(help: "With --read: deliver alerts.")
  var deliver = false

  func validate() throws {
    if read == nil, fast { throw ValidationError("--fast goes with --read FILE") }
    if read == nil, deliver { throw ValidationError("--deliver goes with --read FILE") }
    if read != nil, !interfaces.isEmpty { throw ValidationError("--read and --interface exclude each other") }
  }

  func run() async throws {
    throw Failure("this build cannot capture")
  }
}

extension Endpoint: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}
