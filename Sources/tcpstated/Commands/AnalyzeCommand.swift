import Alerting
import ArgumentParser
import Monitoring
import PacketCapture
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
    do {
      var timeline = try Timeline(paths: files, filter: bpf)
      // A path that cannot be written is told before the work.
      var result = try ResultFile(path: output)
      var analysis = Analysis(options)
      var progress = Progress()
      try timeline.read(into: &analysis) { progress.show(packets: $0, fraction: $1) }
      progress.clear()
      timeline.damage.forEach { Console.note(SafeText.escape("Warning: \($0)")) }
      try write(&analysis, of: timeline, to: &result)
      try result.finish()
    } catch let error as CaptureError {
      throw Failure(error.message)
    }
  }

  private var options: Analysis.Options {
    Analysis.Options(
      local: local,
      verifiesChecksums: checksums == .verify,
      keepsConnections: format == .jsonl || filter != nil
    )
  }

  private func write(_ analysis: inout Analysis, of timeline: Timeline, to result: inout ResultFile) throws {
    let filter = try connectionFilter
    guard format != .jsonl else {
      for connection in analysis.connections() {
        let record = analysis.record(connection)
        if filter?.matches(record) ?? true { try result.write(AnalysisJSON.line(record)) }
      }
      return
    }
    var snapshot = analysis.snapshot()
    if let filter {
      let chosen = analysis.connections().filter { filter.matches(analysis.record($0)) }
      snapshot = snapshot.counting(chosen.map { ($0, analysis.record($0).closeCause) })
    }
    switch format {
    case .json: try result.write(AnalysisJSON.report(snapshot, truncated: !timeline.damage.isEmpty))
    case .text, .jsonl: try result.write(text(snapshot, of: timeline))
    }
  }

  private func text(_ snapshot: Snapshot, of timeline: Timeline) -> String {
    var page = output == nil ? Page.forStandardOutput : Page()
    page.add(AnalysisSummary(snapshot, files: timeline.names, filter: filter, damage: timeline.damage))
    return page.lines.joined(separator: "\n") + "\n"
  }
}

extension CIDR: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}
