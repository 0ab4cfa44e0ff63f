internal import Monitoring
internal import PacketDecoding
internal import Reporting
internal import StateAccounting

/// The endpoints: a path and its parameters in, an answer out.
struct API: Sendable {
  let source: any StatusSource
  let host: HostCheck
  let budget: AnswerBudget
  let feed: EventFeed
  /// Only `/metrics` and `/healthz`: for a listener that faces the network.
  var servesMetricsOnly = false
  /// Packets too, and silences may be changed: for a listener whose users the file system tells apart.
  var servesPackets = false
  private var takesChanges: Bool { servesPackets }

  init(source: any StatusSource, host: HostCheck, budget: AnswerBudget, limits: ServerLimits = ServerLimits()) {
    self.source = source
    self.host = host
    self.budget = budget
    feed = EventFeed(limit: limits.followers, pause: limits.eventPause) { await Self.events(source) }
  }

  /// - Parameters:
  ///   - target: path and query, as they came.
  ///   - accept: which forms of an answer the client prefers.
  func answer(method: String, target: String, host authority: String?, accept: String? = nil) async -> Answer {
    guard let authority else { return .problem(400, "Bad Request", "the request names no Host") }
    guard servesMetricsOnly || host.accepts(authority) else {
      return .problem(
        421,
        "Misdirected Request",
        "Host '\(authority.prefix(64))' is not served; use an IP address or localhost, or list it in http.allowed_hosts"
      )
    }
    let end = target.firstIndex(of: "?") ?? target.endIndex
    let known = Path(rawValue: String(target[..<end]))
    let isChangeable = known == .silences && !servesMetricsOnly
    let isChange = isChangeable && (method == "POST" || method == "DELETE")
    guard method == "GET" || method == "HEAD" || isChange else {
      return .methodNotAllowed(besides: isChangeable ? ["POST", "DELETE"] : [])
    }
    guard !isChange || takesChanges else {
      return .problem(403, "Forbidden", "silences are changed over the Unix socket alone (http.socket)")
    }
    guard let path = known, serves(path) else { return .problem(404, "Not Found", "there is nothing at this path") }
    do {
      let names = isChange ? SilenceChange.parameterNames : path.parameterNames
      let parameters = try Parameters(target[end...].dropFirst(), allowed: names)
      if isChange { return await change(try SilenceChange(method: method, parameters)) }
      var answer = try await answer(path, parameters, accept ?? "")
      // What has no end has no body that a HEAD could leave out.
      if method == "HEAD" { answer.place = nil }
      return answer
    } catch {
      return .problem(400, "Bad Request", error.detail)
    }
  }

  static var paths: [String] { Path.allCases.map(\.rawValue) }

  private enum Path: String, CaseIterable {
    case index = "/"
    case healthz = "/healthz"
    case readyz = "/readyz"
    case metrics = "/metrics"
    case status = "/api/v1/status"
    case connections = "/api/v1/connections"
    case services = "/api/v1/services"
    case peers = "/api/v1/peers"
    case destinations = "/api/v1/destinations"
    case findings = "/api/v1/findings"
    case alerts = "/api/v1/alerts"
    case silences = "/api/v1/silences"
    case history = "/api/v1/history"
    case events = "/api/v1/events"
    case openAPI = "/openapi.yaml"
    case capture = "/api/v1/capture"
    case alertCapture = "/api/v1/alert-capture"

    var parameterNames: [String] {
      switch self {
      case .connections: ConnectionQuery.parameterNames
      case .history: HistoryQuery.parameterNames
      case .capture: RecordingQuery.parameterNames
      case .alertCapture: ["id"]
      default: []
      }
    }
  }

  private func serves(_ path: Path) -> Bool {
    if path == .capture || path == .alertCapture { return servesPackets }
    return !servesMetricsOnly || path == .metrics || path == .healthz
  }

  private func answer(
    _ path: Path,
    _ parameters: Parameters,
    _ accept: String
  ) async throws(Parameters.Fault) -> Answer {
    switch path {
    case .index: return .page(servesPackets: servesPackets)
    case .healthz: return .text("ok\n")
    case .readyz: return await readiness()
    case .metrics: return await metrics(MetricsText.Format(accept: accept))
    case .status: return await status()
    case .connections: return await connections(try ConnectionQuery(parameters))
    case .services:
      return await listing { json, snapshot in
        json.services(snapshot.accounts.services, snapshot.causes)
        json.lingering(snapshot.accounts.lingering)
      }
    case .peers: return await listing { $0.peers($1.accounts.peers) }
    case .destinations: return await listing { $0.destinations($1) }
    case .findings: return await listing { $0.findings($1.findings) }
    case .capture: return await capture(try RecordingQuery(parameters))
    case .alertCapture: return try await alertCapture(parameters)
    case .alerts: return await listing { $0.alerts($1.alerts) }
    case .silences: return await silences()
    case .history: return try await history(try HistoryQuery(parameters))
    case .openAPI: return .text(EmbeddedText.openapiYAML, contentType: "application/yaml")
    case .events: return feed.reserve().map(Answer.following) ?? .busy
    }
  }

  private func readiness() async -> Answer {
    guard let live = await source.live() else { return .stopping }
    return live.ready ? .text("ready\n") : .problem(503, "Service Unavailable", "no interface is being captured")
  }

  private func metrics(_ format: MetricsText.Format) async -> Answer {
    guard var snapshot = await source.snapshot(), let live = await source.live() else { return .stopping }
    snapshot.note(live)
    var answer = Answer.text(MetricsText.write(snapshot, live, format), contentType: format.contentType)
    answer.fields.append(("Vary", "Accept"))
    return answer
  }

  private func status() async -> Answer {
    guard let (live, snapshot) = await Self.read(source) else { return .stopping }
    return .json { $0.status(live, snapshot) }
  }

  private func capture(_ query: RecordingQuery) async -> Answer {
    guard let file = await source.recording(query) else {
      return .problem(503, "Service Unavailable", "no packets are recorded (recorder.size), or the daemon is stopping")
    }
    return Answer(contentType: "application/vnd.tcpdump.pcap", body: file)
  }

  private func alertCapture(_ parameters: Parameters) async throws(Parameters.Fault) -> Answer {
    guard let id = parameters["id"], !id.isEmpty else { throw Parameters.Fault("parameter 'id' names the alert") }
    guard let file = await source.capture(ofAlert: id) else {
      return .problem(404, "Not Found", "no alert of this id has a capture file")
    }
    var answer = Answer(contentType: "application/vnd.tcpdump.pcap", body: file)
    // What an id consists of is the daemon's: nothing else gets into a header.
    answer.fields.append(("Content-Disposition", "attachment; filename=\"alert.pcapng\""))
    return answer
  }

  /// What a record costs as a value and as text; there are some hundreds of bytes of each.
  private static let bytesPerRecord = 2048
  /// With its segments.
  private static let bytesPerSequence = 16 << 10

  private func connections(_ query: ConnectionQuery) async -> Answer {
    let bytes = Self.bytesPerRecord + (query.includesSegments ? Self.bytesPerSequence : 0)
    guard let reservation = budget.reserve((query.only == nil ? query.limit : 1) * bytes) else { return .busy }
    guard let page = await source.connections(query) else { return .stopping }
    var answer = Answer.json { json in
      json.member("time", page.time?.description)
      json.array("connections") { json in
        for record in page.records { json.listed(record, id: Cursor.text(record.serial), query.includesSegments) }
      }
      json.member("next_cursor", page.next.map(Cursor.text))
    }
    answer.reservation = reservation
    return answer
  }

  private func listing(_ write: @Sendable (inout JSONWriter, Snapshot) -> Void) async -> Answer {
    guard var snapshot = await source.snapshot() else { return .stopping }
    if let live = await source.live() { snapshot.note(live) }
    return .json { [snapshot] json in json.listing(snapshot) { write(&$0, snapshot) } }
  }
}

// MARK: What is followed

extension API {
  static func read(_ source: any StatusSource) async -> (LiveStatus, Snapshot)? {
    guard let live = await source.live(), var snapshot = await source.snapshot() else { return nil }
    snapshot.note(live)
    return (live, snapshot)
  }

  /// The bodies of three endpoints, under their names.
  private static func events(_ source: any StatusSource) async -> EventFeed.Frame? {
    guard let (live, snapshot) = await read(source) else { return nil }
    return EventFeed.Frame([
      ("status", Answer.json { $0.status(live, snapshot) }.body),
      ("destinations", Answer.json { $0.listing(snapshot) { $0.destinations(snapshot) } }.body),
      ("peers", Answer.json { $0.listing(snapshot) { $0.peers(snapshot.accounts.peers) } }.body),
    ])
  }

  /// A sample as a value and as text; an alert has evidence with it.
  private static let bytesPerRow = 512
  private static let bytesPerAlert = 16 << 10

  private func history(_ query: HistoryQuery) async throws(Parameters.Fault) -> Answer {
    let rows = query.step == nil ? 1500 : Int(HistoryQuery.mostSamples)
    let bytes = query.subject == .alerts ? query.limit * Self.bytesPerAlert : rows * Self.bytesPerRow
    guard let reservation = budget.reserve(bytes), let answer = await source.history(query) else { return .busy }
    guard !answer.range.isReversed else { throw Parameters.Fault("'since' is later than 'until'") }
    var json = Answer.json { $0.history(answer) }
    json.reservation = reservation
    return json
  }
}

extension JSONWriter {
  fileprivate mutating func status(_ live: LiveStatus, _ snapshot: Snapshot) {
    figures(snapshot, truncated: false)
    self.live(live, snapshot)
  }

  mutating func listing(_ snapshot: Snapshot, _ write: (inout JSONWriter) -> Void) {
    member("time", snapshot.time?.description)
    write(&self)
  }
}
