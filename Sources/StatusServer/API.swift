internal import Monitoring
internal import PacketDecoding
internal import Reporting
internal import StateAccounting

/// The endpoints: a path and its parameters in, an answer out.
struct API: Sendable {
  let source: any StatusSource
  let host: HostCheck
  let budget: AnswerBudget
  /// Only `/metrics` and `/healthz`: for a listener that faces the network.
  var servesMetricsOnly = false

  /// - Parameter target: path and query, as they came.
  func answer(method: String, target: String, host authority: String?) async -> Answer {
    guard let authority else { return .problem(400, "Bad Request", "the request names no Host") }
    guard servesMetricsOnly || host.accepts(authority) else {
      return .problem(
        421,
        "Misdirected Request",
        "Host '\(authority.prefix(64))' is not served; use an IP address or localhost, or list it in http.allowed_hosts"
      )
    }
    guard method == "GET" || method == "HEAD" else { return .methodNotAllowed }
    let end = target.firstIndex(of: "?") ?? target.endIndex
    guard let path = Path(rawValue: String(target[..<end])), serves(path) else {
      return .problem(404, "Not Found", "there is nothing at this path")
    }
    do {
      let allowed = path == .connections ? ConnectionQuery.parameterNames : []
      return try await answer(path, Parameters(target[end...].dropFirst(), allowed: allowed))
    } catch {
      return .problem(400, "Bad Request", error.detail)
    }
  }

  private enum Path: String {
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
  }

  private func serves(_ path: Path) -> Bool {
    !servesMetricsOnly || path == .metrics || path == .healthz
  }

  private func answer(_ path: Path, _ parameters: Parameters) async throws(Parameters.Fault) -> Answer {
    switch path {
    case .index: return .text(Self.index, contentType: "text/html; charset=utf-8")
    case .healthz: return .text("ok\n")
    case .readyz: return await readiness()
    case .metrics: return await metrics()
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
    case .alerts: return await listing { $0.alerts($1.alerts) }
    }
  }

  private static let index = """
    <!doctype html>
    <html lang="en"><meta charset="utf-8"><title>tcpstated</title>
    <h1>tcpstated</h1>
    <ul>
    <li><a href="/api/v1/status">/api/v1/status</a>: what is open, in TIME_WAIT, and who closed first
    <li><a href="/api/v1/connections">/api/v1/connections</a>: state, side, service, peer, filter, limit, cursor
    <li><a href="/api/v1/services">/api/v1/services</a>: the busiest services
    <li><a href="/api/v1/peers">/api/v1/peers</a>: the busiest clients
    <li><a href="/api/v1/destinations">/api/v1/destinations</a>: ports in use towards each, and how long they last
    <li><a href="/api/v1/findings">/api/v1/findings</a>: what is worth a word, with advice
    <li><a href="/api/v1/alerts">/api/v1/alerts</a>: pending, firing and lately resolved
    <li><a href="/metrics">/metrics</a>: for Prometheus
    <li><a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>
    </ul></html>

    """

  private func readiness() async -> Answer {
    guard let live = await source.live() else { return .stopping }
    return live.ready ? .text("ready\n") : .problem(503, "Service Unavailable", "no interface is being captured")
  }

  private func metrics() async -> Answer {
    guard var snapshot = await source.snapshot(), let live = await source.live() else { return .stopping }
    snapshot.note(live)
    return .text(MetricsText.write(snapshot, live), contentType: "text/plain; version=0.0.4; charset=utf-8")
  }

  private func status() async -> Answer {
    guard let live = await source.live(), var snapshot = await source.snapshot() else { return .stopping }
    snapshot.note(live)
    return .json { [snapshot] json in
      json.figures(snapshot, truncated: false)
      json.live(live, snapshot)
    }
  }

  /// What a record costs as a value and as text; there are some hundreds of bytes of each.
  private static let bytesPerRecord = 2048

  private func connections(_ query: ConnectionQuery) async -> Answer {
    guard let reservation = budget.reserve(query.limit * Self.bytesPerRecord) else { return .busy }
    guard let page = await source.connections(query) else { return .stopping }
    var answer = Answer.json { json in
      json.member("time", page.time?.description)
      json.array("connections") { json in
        for record in page.records { json.connection(nil, record) }
      }
      json.member("next_cursor", page.next.map(Cursor.text))
    }
    answer.reservation = reservation
    return answer
  }

  private func listing(_ write: @Sendable (inout JSONWriter, Snapshot) -> Void) async -> Answer {
    guard var snapshot = await source.snapshot() else { return .stopping }
    if let live = await source.live() { snapshot.note(live) }
    return .json { [snapshot] json in
      json.member("time", snapshot.time?.description)
      write(&json, snapshot)
    }
  }
}
