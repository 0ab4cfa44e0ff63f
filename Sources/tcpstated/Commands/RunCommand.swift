public import ArgumentParser
import Daemon
import Glibc
import PacketDecoding
import Settings

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs the daemon in the foreground: watches, counts, alerts and answers over HTTP.",
    discussion: """
      Needs the capability CAP_NET_RAW: root, or the systemd unit, which grants
      that alone. SIGHUP reads the configuration again, SIGTERM ends the daemon.

      Examples:
        tcpstated run --interface eth0
        tcpstated run --config /etc/tcpstated/tcpstated.yaml
        tcpstated run --read day.pcap --local 10.100.0.0/16 --deliver
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

  @Option(
    name: .customLong("netns"),
    parsing: .singleValue,
    help: ArgumentHelp(
      "Watch this network namespace too (may be repeated; \"all\": each that has a name). Needs CAP_SYS_ADMIN at start.",
      valueName: "name"
    )
  )
  var netns: [String] = []

  @Option(
    help: ArgumentHelp("Answer here instead of where the configuration says.", valueName: "address:port"),
    transform: Endpoint.read
  )
  var listen: Endpoint?

  @Option(
    name: .customLong("read"),
    parsing: .singleValue,
    help: ArgumentHelp(
      "Read this capture file instead of interfaces (may be repeated), in packet time, and answer about it.",
      valueName: "file"
    ),
    completion: .file(extensions: ["pcap", "pcapng", "cap", "gz"])
  )
  var files: [String] = []

  @Flag(help: "With --read: time stops at the last packet; otherwise it goes on from there.")
  var fast = false

  @Flag(help: "With --read: alerts go where they would go live.")
  var deliver = false

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("With --read: addresses that are local (may be repeated).", valueName: "cidr")
  )
  var local: [Network] = []

  func validate() throws {
    guard !interfaces.contains("") else { throw ValidationError("--interface needs the name of an interface") }
    guard files.isEmpty else {
      guard interfaces.isEmpty else { throw ValidationError("--interface and --read exclude each other") }
      guard netns.isEmpty else { throw ValidationError("--netns and --read exclude each other") }
      guard files.count(where: { $0 == "-" }) < 2 else { throw ValidationError("standard input (-) can be read once") }
      return
    }
    for name in netns where !Settings.isNamespaceName(name) {
      throw ValidationError("--netns: \"\(name)\" is no name of a network namespace (ip netns list)")
    }
    if fast || deliver || !local.isEmpty {
      throw ValidationError("--fast, --deliver and --local belong to --read; live, the local addresses are known")
    }
  }

  func run() throws {
    var settings = Settings()
    if let config { settings = try Settings.load(path: config) }
    if let listen, !listen.address.isLoopback {
      throw Failure(
        "cannot listen on \(listen): off loopback the API would need TLS and a bearer token; "
          + "listen on 127.0.0.1, or serve http.metrics_listen alone"
      )
    }
    var worker = WorkerSettings(
      settings: settings,
      interfaces: interfaces,
      listen: listen,
      local: local,
      version: TCPStated.version,
      host: Host.name
    )
    worker.netns = netns
    do {
      try Daemon(worker: worker, source: source, configuration: config).run()
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure("\(error)")
    }
  }
}

extension RunCommand {
  private var source: PacketSource {
    files.isEmpty ? .interfaces : .files(files, ReplayOptions(stopsClock: fast, delivers: deliver))
  }
}

extension Network: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

/// This machine, for readers of many.
private enum Host {
  static var name: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension Endpoint: ExpressibleByArgument {
  /// As the configuration has it.
  package init?(argument: String) {
    guard let endpoint = AddressParsing.endpoint(argument) else { return nil }
    self = endpoint
  }
}
