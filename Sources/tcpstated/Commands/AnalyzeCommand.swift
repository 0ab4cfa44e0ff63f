import Alerting
import ArgumentParser
import Monitoring
import PacketCapture
import PacketDecoding
import Reporting
import Settings
import StateAccounting

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
        tcpstated analyze --format html --output report.html trace.pcap
        tcpstated analyze --filter 'dst 10.100.219.9:8081' --format jsonl *.pcap
        tcpstated analyze --alerts --config new.yaml --local 10.100.0.0/16 day.pcap
        tcpdump -i eth0 -w - tcp | tcpstated analyze -

      \(FilterHelp.text)
      """
  )

  @Argument(
    help: ArgumentHelp("Capture files.", valueName: "file"),
    completion: .file(extensions: ["pcap", "pcapng", "cap", "gz"])
  )
  var files: [String]

  @Option(help: "text, json (one object), jsonl (a connection a line) or html (a page to read, print or send).")
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

  @Option(help: ArgumentHelp("Only these connections, and figures of them alone.", valueName: "expression"))
  var filter: String?

  @Option(help: ArgumentHelp("Only these packets: an expression of pcap-filter(7).", valueName: "expression"))
  var bpf: String?

  @Option(help: "What a bad TCP checksum does: ignore it (senders leave it to their cards) or verify.")
  var checksums = Checksums.ignore

  @Flag(help: "Say which alerts the capture would have fired, and when.")
  var alerts = false

  @Option(
    help: ArgumentHelp(
      "With --alerts: the rules of this configuration instead of the built-in one.",
      valueName: "file"
    ),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var config: String?

  @Option(
    help: ArgumentHelp(
      "Use so many cores, with the same result (one with --alerts, --stream or standard input).",
      valueName: "number"
    )
  )
  var jobs = 1

  @Flag(help: "With jsonl: write each connection when it is over, not in the order of their starts.")
  var stream = false

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, jsonl, html
  }

  enum Checksums: String, ExpressibleByArgument, CaseIterable {
    case ignore, verify
  }

  func validate() throws {
    guard files.count(where: { $0 == "-" }) < 2 else { throw ValidationError("standard input (-) can be read once") }
    guard !stream || format == .jsonl else { throw ValidationError("--stream needs --format jsonl") }
    guard !alerts || format != .jsonl else { throw ValidationError("--alerts needs --format text or json") }
    guard config == nil || alerts else { throw ValidationError("--config needs --alerts") }
    guard (1...64).contains(jobs) else { throw ValidationError("--jobs needs a number from 1 to 64") }
    _ = try connectionFilter
  }

  private var connectionFilter: ConnectionFilter? {
    get throws { try filter.map { try FilterHelp.filter([$0]) } }
  }

  func run() throws {
    do {
      // A path that cannot be written is told before the work.
      var result = try ResultFile(path: output, inputs: files)
      // Where there is no room for all, which of them go is for one to decide that has all of them.
      if isParallel, try analyzeInParallel(to: &result) { return }
      var analysis = Analysis(try options)
      _ = try analyze(&analysis, to: &result) { _ in true }
    } catch let error as CaptureError {
      throw Failure(error.message)
    }
  }

  /// What cannot be read twice, or has to be told in its own order, is for one core.
  private var isParallel: Bool {
    jobs > 1 && !stream && !alerts && files.allSatisfy { $0 != "-" && FileStatus($0)?.isRegular == true }
  }

  /// - Returns: false, with nothing written, when there are more connections at once than several shares of the table
  ///   have room for, or the first frames show that several cores gain nothing.
  private func analyzeInParallel(to result: inout ResultFile) throws -> Bool {
    var analysis = ParallelAnalysis(try options, shares: jobs)
    return try analyze(&analysis, to: &result) { !$0.isForOne }
  }

  private func analyze<Engine: AnalysisEngine & ~Copyable>(
    _ analysis: inout Engine,
    to result: inout ResultFile,
    while goesOn: (borrowing Engine) -> Bool
  ) throws -> Bool {
    var timeline = try Timeline(paths: files, filter: bpf)
    var progress = Progress()
    var selection = Selection(purpose, filter: try connectionFilter)
    while goesOn(analysis), try timeline.readBatch(into: &analysis) {
      if keepsConnections { try selection.take(from: &analysis, to: &result) }
      let fraction = timeline.fraction
      if let fraction { analysis.haveRead(fraction) }
      progress.show(packets: timeline.packets, fraction: fraction)
    }
    progress.clear()
    analysis.finish()
    guard goesOn(analysis) else { return false }
    (timeline.damage + timeline.remarks).forEach { Console.note(SafeText.escape("Warning: \($0)")) }
    let selected = keepsConnections ? try selection.finish(with: &analysis, to: &result) : nil
    if format != .jsonl { try write(&analysis, selected, of: timeline, to: &result) }
    try result.finish()
    return true
  }

  private var options: Analysis.Options {
    get throws {
      Analysis.Options(
        local: local,
        verifiesChecksums: checksums == .verify,
        keepsConnections: keepsConnections,
        alerts: alerts ? try config.map { try Settings.load(path: $0).alerts } ?? [.timeWait] : nil
      )
    }
  }

  /// Single connections are wanted, not just their numbers.
  private var keepsConnections: Bool { format == .jsonl || filter != nil }

  private var purpose: Selection.Purpose {
    switch (format, stream) {
    case (.jsonl, true): .linesAtOnce
    case (.jsonl, false): .lines
    case (.text, _), (.json, _), (.html, _): .figures
    }
  }

  private func write(
    _ analysis: inout some AnalysisEngine & ~Copyable,
    _ selected: consuming SelectedFigures?,
    of timeline: Timeline,
    to result: inout ResultFile
  ) throws {
    let events = analysis.alertEvents()
    var snapshot = analysis.snapshot()
    if let selected { snapshot = selected.replacing(those: snapshot) }
    switch format {
    case .json:
      try result.write(AnalysisJSON.report(snapshot, events, filter: filter, truncated: !timeline.damage.isEmpty))
    case .html:
      let report = HTMLReport(
        snapshot,
        files: timeline.names,
        filter: filter,
        damage: timeline.damage,
        version: TCPStated.version
      )
      try result.write(report.text)
    case .text, .jsonl: try result.write(text(snapshot, events, of: timeline))
    }
  }

  private func text(_ snapshot: Snapshot, _ events: [AlertEvent]?, of timeline: Timeline) -> String {
    var page = output == nil ? Page.forStandardOutput : Page()
    page.add(AnalysisSummary(snapshot, files: timeline.names, filter: filter, damage: timeline.damage))
    if let events {
      page.gap()
      page.add(AlertStory.stories(of: events))
    }
    return page.lines.joined(separator: "\n") + "\n"
  }
}

extension CIDR: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}
