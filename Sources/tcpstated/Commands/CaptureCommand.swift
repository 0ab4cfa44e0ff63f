import ArgumentParser
import PacketDecoding
import Settings

struct CaptureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capture",
    abstract: "Writes the headers of the last packets, which the daemon keeps in memory, to a capture file.",
    discussion: """
      Asks the daemon over its Unix socket (http.socket in the configuration). The
      filter is of the addresses and ports of packets; either end may be the client.

      Examples:
        tcpstated capture --url unix:/run/tcpstated/http.sock -w last.pcapng
        tcpstated capture --last 60s --filter 'dst 10.0.0.1:8081' -w - | tshark -r -
      """
  )

  @Option(
    help: ArgumentHelp("How far back, such as 60s or 2m (default: 60s).", valueName: "duration"),
    transform: LookBack.read
  )
  var last = LookBack(seconds: 60)

  @Option(help: ArgumentHelp("Only packets of these connections.", valueName: "expression"))
  var filter: String?

  @Option(
    name: [.customShort("w"), .customLong("write")],
    help: ArgumentHelp("The file to write; - is standard output.", valueName: "file"),
    completion: .file(extensions: ["pcapng"])
  )
  var output: String

  @OptionGroup var place: SocketOption

  func validate() throws {
    if let filter { _ = try FilterHelp.filter([filter]) }
  }

  func run() throws {
    var result = try ResultFile(path: output == "-" ? nil : output, inputs: [])
    var query = [(name: "last", value: "\(last.seconds)")]
    if let filter { query.append((name: "filter", value: filter)) }
    try result.write(try place.client.get("/api/v1/capture", query: query))
    try result.finish()
  }
}

/// Whole seconds, written as in the configuration.
struct LookBack: ExpressibleByArgument {
  let seconds: Int64

  init(seconds: Int64) {
    self.seconds = seconds
  }

  init?(argument: String) {
    guard let span = Settings.duration(argument), span >= Seconds(1) else { return nil }
    seconds = (span.nanoseconds + 999_999_999) / 1_000_000_000
  }
}
