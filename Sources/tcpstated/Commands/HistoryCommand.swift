import ArgumentParser
import Foundation
import History
import Monitoring
import PacketDecoding
import Reporting

struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Tells what was: figures of each minute, alerts and findings, across restarts of the daemon.",
    discussion: """
      Figures are the highest that stood in each step, and the sum of what came and
      went. A time is now, today, yesterday, 2h, 3d (ago), 14:30, 2026-11-20,
      "2026-11-20 14:30" (of this machine's clock), or RFC 3339.

      Examples:
        tcpstated history --since yesterday
        tcpstated history --since yesterday --until today --what services
        tcpstated history --since 7d --service 10.0.0.1:8081 --format csv
        tcpstated history --what alerts --since 30d
        tcpstated history --file /var/lib/tcpstated/history.sqlite   (no daemon)
      """
  )

  @OptionGroup var options: ClientOptions

  @Option(help: ArgumentHelp("host, services, destinations, causes, alerts or findings.", valueName: "subject"))
  var what: HistoryQuery.Subject?

  @Option(help: ArgumentHelp("From when on (default: 24h).", valueName: "time"), transform: PastTime.read)
  var since = PastTime.ago("24h")

  @Option(help: ArgumentHelp("Up to when (default: now).", valueName: "time"), transform: PastTime.read)
  var until = PastTime.ago("now")

  @Option(
    help: ArgumentHelp("How long each step is: 1s, or minutes, hours or days such as 5m.", valueName: "duration"),
    transform: HistoryStep.read
  )
  var step: HistoryStep?

  @Option(help: ArgumentHelp("Only this service.", valueName: "address:port"), transform: Endpoint.read)
  var service: Endpoint?

  @Option(
    help: ArgumentHelp("Only the ports towards this destination.", valueName: "address:port"),
    transform: Endpoint.read
  )
  var destination: Endpoint?

  @Option(help: ArgumentHelp("At most this many rows of a list (1 to 1000).", valueName: "count"))
  var limit = 100

  @Option(
    help: ArgumentHelp("Read this file, and ask no daemon; not changed by it.", valueName: "file"),
    completion: .file(extensions: ["sqlite"])
  )
  var file: String?

  func validate() throws {
    guard HistoryQuery.limits.contains(limit) else { throw ValidationError("--limit is 1 to 1000, not \(limit)") }
    guard service == nil || [nil, .services, .causes].contains(what) else {
      throw ValidationError("--service belongs to --what services or causes")
    }
    guard destination == nil || [nil, .destinations].contains(what), service == nil || destination == nil else {
      throw ValidationError("--destination belongs to --what destinations")
    }
    guard !range.isReversed else {
      throw ValidationError("--since \(since.text) is later than --until \(until.text)")
    }
    guard file == nil || options.watch == nil else { throw ValidationError("--watch asks a daemon, --file none") }
  }

  func run() throws {
    if let file {
      let body = try Self.reported { try HistoryFile(reading: file).answer(query(step: wantedStep), now: Self.now) }
      var json = JSONWriter()
      json.object { $0.history(body) }
      try options.show(json.bytes, as: HistoryDocument.self, rows: rows) { render($0, &$1) }
    } else {
      try ask()
    }
  }

  private func ask() throws {
    do {
      try options.show("/api/v1/history", query: parameters, as: HistoryDocument.self, rows: rows) { render($0, &$1) }
    } catch let failure as Failure where failure.isUnreachable {
      throw Failure("\(failure); --file reads what the last one wrote", isUnreachable: true)
    }
  }

  private func render(_ document: HistoryDocument, _ page: inout Page) {
    page.add(document, subject)
    if let problem = document.problem { page.add("It is not whole: \(problem)", .red) }
  }

  private var subject: HistoryQuery.Subject {
    what ?? (service != nil ? .services : destination != nil ? .destinations : .host)
  }

  private var rows: RowList {
    switch subject {
    case .host: .samples
    case .services: service == nil ? .pastServices : .samples
    case .destinations: destination == nil ? .pastDestinations : .pastPorts
    case .causes: .pastCauses
    case .alerts: .alerts
    case .findings: .pastFindings
    }
  }

  private static var now: Timestamp { PastTime.timestamp(Date()) }

  private func query(step: Seconds?) -> HistoryQuery {
    var query = HistoryQuery()
    query.subject = subject
    (query.since, query.until) = (since.moment, until.moment)
    query.step = step
    (query.service, query.destination, query.limit) = (service, destination, limit)
    return query
  }

  private var parameters: [(name: String, value: String)] {
    var parameters = [
      (name: "what", value: subject.rawValue), ("since", since.text), ("until", until.text), ("limit", String(limit)),
    ]
    if let wantedStep { parameters.append(("step", HistoryStep(span: wantedStep).text)) }
    if let service { parameters.append(("service", service.description)) }
    if let destination { parameters.append(("destination", destination.description)) }
    return parameters
  }

  /// As asked for; for people, so that it fits a screen.
  private var wantedStep: Seconds? {
    if let step { return step.span }
    guard options.format.isText else { return nil }
    return HistoryStep.readable(range.span)
  }

  private var range: HistoryRange { query(step: nil).range(now: Self.now) }

  private static func reported<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch { throw Failure("\(error)") }
  }
}

extension HistoryQuery.Subject: ExpressibleByArgument {}

/// How long each step is.
struct HistoryStep: ExpressibleByArgument {
  let span: Seconds

  init(span: Seconds) {
    self.span = span
  }

  init?(argument: String) {
    guard let span = HistoryQuery.step(argument) else { return nil }
    self.span = span
  }

  /// As the API has it.
  var text: String { span == Seconds(1) ? "1s" : "\(span.nanoseconds / 60_000_000_000)m" }

  private static let steps: [Int64] = [60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800]
  private static let lines: Int64 = 50

  static func readable(_ span: Seconds) -> Seconds {
    let seconds = span.nanoseconds / 1_000_000_000
    return Seconds(steps.first { seconds / $0 <= lines } ?? 604_800)
  }
}
