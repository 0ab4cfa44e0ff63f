import ArgumentParser
import Monitoring
import PacketDecoding

struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "Reads capture files and says who closed the connections in them.",
    discussion: """
      Reads pcap and pcapng, gzip'd or not; - is standard input. Several files make
      one timeline, ordered by their first packets. A damaged file is reported up to
      the damage.

      Examples:
        tcpstated analyze trace.pcap
        tcpstated analyze --local 10.100.0.0/16 --format json day.pcapng.gz
        tcpstated analyze --filter 'dst 10.100.219.9:8081' --format jsonl *.pcap
        tcpdump -i eth0 -w - tcp | tcpstated analyze -

      \(FilterHelp.text)
      """
  )

  @Argument(
    help: ArgumentHelp("Capture files.", valueName: "file"),
    completion: .file(extensions: ["pcap", "pcapng", "cap", "gz"])
  )
  var files: [String]

  @Option(help: "text, json (one object) or jsonl (a connection a line).")
  var format = Format.text

  @Option(
    help: ArgumentHelp("Write here instead of standard output; there complete or not at all.", valueName: "path"),
    completion: .file()
  )
  var output: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Addresses that are local (may be repeated): adds who closed on which side.", valueName: "cidr")
  )
  var local: [CIDR] = []

  @Option(help: ArgumentHelp("Only these connections.", valueName: "expression"))
  var filter: String?

  @Option(help: ArgumentHelp("Only these packets: an expression of pcap-filter(7).", valueName: "expression"))
  var bpf: String?

  @Option(help: "What a bad TCP checksum does: ignore it (senders leave it to their cards) or verify.")
  var checksums = Checksums.ignore

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, jsonl
  }

  enum Checksums: String, ExpressibleByArgument, CaseIterable {
    case ignore, verify
  }

  func validate() throws {
    guard files.count(where: { $0 == "-" }) < 2 else { throw ValidationError("standard input (-) can be read once") }
    _ = try connectionFilter
  }

  private var connectionFilter: ConnectionFilter? {
    get throws { try filter.map { try FilterHelp.filter([$0]) } }
  }

  func run() throws {
    throw Failure("not wired")
  }
}

extension CIDR: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}
