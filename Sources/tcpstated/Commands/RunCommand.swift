import ArgumentParser
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

  func run() throws {
    var settings = Settings()
    if let config { settings = try Settings.load(path: config) }
    if let listen { settings.http.listen = listen }
    let worker = WorkerSettings(
      settings: settings,
      interfaces: interfaces,
      version: TCPStated.version,
      host: Host.name
    )
    do {
      try Daemon(worker: worker, configuration: config).run()
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure("\(error)")
    }
  }
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
  package init?(argument: String) { self.init(argument) }
}
