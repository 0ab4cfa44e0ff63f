import Foundation
import Testing

@testable import StatusServer

/// What each request is answered with, before it is HTTP.
@Suite struct APITests {
  private func answer(_ method: String, _ target: String, host: String? = "localhost") async -> Answer {
    let api = API(
      source: FixedSource(),
      host: HostCheck(allowed: ["Monitor.Example"]),
      budget: AnswerBudget(bytes: 1 << 30)
    )
    return await api.answer(method: method, target: target, host: host)
  }

  @Test(arguments: [
    ("GET", "/", 200, "text/html"), ("HEAD", "/", 200, "text/html"), ("GET", "/healthz", 200, "text/plain"),
    ("GET", "/readyz", 200, "text/plain"), ("GET", "/metrics", 200, "text/plain; version=0.0.4"),
    ("GET", "/api/v1/status", 200, "application/json"), ("GET", "/api/v1/connections", 200, "application/json"),
    ("GET", "/api/v1/services", 200, "application/json"), ("GET", "/api/v1/peers?", 200, "application/json"),
    ("GET", "/api/v1/history", 200, "application/json"), ("GET", "/api/v1/history?span=6h", 200, "application/json"),
    ("GET", "/api/v1/history?span=24h", 200, "application/json"), ("GET", "/api/v1/events", 200, "text/event-stream"),
    ("GET", "/openapi.yaml", 200, "application/yaml"),
    ("GET", "/api/v1/history?span=999d", 200, "application/json"),
    ("GET", "/api/v1/history?span=1000d", 400, "application/problem+json"),
    ("GET", "/api/v1/history?since=2d&until=now&step=1h", 200, "application/json"),
    ("GET", "/api/v1/history?since=2026-11-20T10:00:00%2B01:00&what=services", 200, "application/json"),
    ("GET", "/api/v1/history?since=2026-02-30T10:00:00Z", 400, "application/problem+json"),
    ("GET", "/api/v1/history?since=yesterday", 400, "application/problem+json"),
    ("GET", "/api/v1/history?since=now&until=1h", 400, "application/problem+json"),
    ("GET", "/api/v1/history?since=2026-11-20T10:00:00Z&until=2025-11-20T10:00:00Z", 400, "application/problem+json"),
    ("GET", "/api/v1/history?since=2099-01-01T00:00:00Z", 400, "application/problem+json"),
    ("GET", "/api/v1/history?since=1h&until=1h", 200, "application/json"),
    ("GET", "/api/v1/history?step=90s", 400, "application/problem+json"),
    ("GET", "/api/v1/history?step=8d", 400, "application/problem+json"),
    ("GET", "/api/v1/history?what=everything", 400, "application/problem+json"),
    ("GET", "/api/v1/history?what=services&service=10.0.0.1:80", 200, "application/json"),
    ("GET", "/api/v1/history?service=10.0.0.1", 400, "application/problem+json"),
    ("GET", "/api/v1/history?what=alerts&limit=1001", 400, "application/problem+json"),
    ("GET", "/api/v1/history?span=99999999999999999999s", 400, "application/problem+json"),
    ("GET", "/api/v1/history?span=-1s", 400, "application/problem+json"),
    ("GET", "/api/v1/history?span=s", 400, "application/problem+json"),
    ("GET", "/api/v1/history?span=0s", 400, "application/problem+json"),
    ("GET", "/api/v1/history?span=05m", 400, "application/problem+json"),
    ("GET", "/api/v1/history?span=5", 400, "application/problem+json"),
    ("GET", "/api/v1/alerts", 200, "application/json"), ("GET", "/api/v1/connections?limit=5", 200, "application/json"),
    ("GET", "", 404, "application/problem+json"), ("GET", "/api/v1/status/", 404, "application/problem+json"),
    ("GET", "/../etc/passwd", 404, "application/problem+json"), ("GET", "/%68ealthz", 404, "application/problem+json"),
    ("GET", "/api/v1/status?a=b", 400, "application/problem+json"), ("POST", "/", 405, "application/problem+json"),
    ("get", "/", 405, "application/problem+json"), ("OPTIONS", "*", 405, "application/problem+json"),
  ])
  func answers(_ method: String, _ target: String, _ status: Int, _ contentType: String) async throws {
    let answer = await answer(method, target)
    #expect(answer.status == status)
    #expect(answer.contentType.hasPrefix(contentType), "\(answer.contentType)")
    #expect((answer.allow == "GET, HEAD") == (status == 405))
    guard contentType.hasSuffix("json") else { return }
    let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
    #expect(status == 200 || object?["status"] as? Int == status)
    #expect(status == 200 || !(object?["detail"] as? String ?? "").isEmpty)
  }

  @Test(
    "Packets are given over the Unix socket alone",
    arguments: [
      ("/api/v1/alert-capture?id=known", 200), ("/api/v1/alert-capture?id=x", 404), ("/api/v1/alert-capture", 400),
      ("/api/v1/alert-capture?id=", 400), ("/", 200),
    ]
  )
  func packets(_ target: String, _ status: Int) async {
    var api = API(source: FixedSource(), host: HostCheck(allowed: []), budget: AnswerBudget(bytes: 1 << 30))
    let elsewhere = await api.answer(method: "GET", target: target, host: "localhost")
    #expect(elsewhere.status == (target == "/" ? 200 : 404))
    api.servesPackets = true
    let answer = await api.answer(method: "GET", target: target, host: "localhost")
    #expect(answer.status == status)
    guard target == "/" else { return }
    #expect(String(decoding: elsewhere.body, as: UTF8.self).contains("data-packets=\"no\""))
    #expect(String(decoding: answer.body, as: UTF8.self).contains("data-packets=\"yes\""))
  }

  @Test(
    arguments: [
      ("", false), ("*/*", false), ("text/plain", false), ("application/openmetrics-text", true),
      ("application/openmetrics-text; version=1.0.0; q=0.5, text/plain;version=0.0.4;q=0.3,*/*;q=0.1", true),
      ("application/openmetrics-text;version=1.0.0;q=0.2,text/plain;q=0.9", false),
      ("application/openmetrics-text;version=0.0.1", false), ("application/openmetrics-text;q=0", false),
      (";;,,q=", false),
    ] as [(String, Bool)]
  )
  func metricsAreAsTheScraperLikesThem(_ accept: String, _ isOpenMetrics: Bool) async {
    let api = API(source: FixedSource(), host: HostCheck(allowed: []), budget: AnswerBudget(bytes: 1 << 30))
    let answer = await api.answer(method: "GET", target: "/metrics", host: "localhost", accept: accept)
    #expect(answer.contentType.hasPrefix(isOpenMetrics ? "application/openmetrics-text; version=1.0.0" : "text/plain"))
    #expect(String(decoding: answer.body, as: UTF8.self).hasSuffix("\n# EOF\n") == isOpenMetrics)
  }

  @Test(arguments: [
    "localhost", "LOCALHOST:80", "127.0.0.1", "10.1.2.3:11060", "[::1]", "[fe80::1]:9", "monitor.example",
    "MONITOR.example:443",
  ])
  func serves(_ host: String) async {
    #expect(await answer("GET", "/healthz", host: host).status == 200)
  }

  @Test(arguments: [
    "attacker.example", "attacker.example:11060", "localhost.attacker.example", "127.0.0.1.attacker.example", "",
    "localhost:", "localhost:x", "127.0.0.1:+80", "[::1]:-0", "localhost:99999", "[::1", "[::1]x", "[localhost]", "::1",
    "localhost@attacker", ":80",
    "monitor.example.", "xmonitor.example",
  ])
  func misdirected(_ host: String) async {
    #expect(await answer("GET", "/healthz", host: host).status == 421, "\(host)")
  }

  @Test func needsAHost() async {
    #expect(await answer("GET", "/healthz", host: nil).status == 400)
  }

  @Test(arguments: [("/metrics", 200), ("/healthz", 200), ("/", 404), ("/api/v1/status", 404), ("/readyz", 404)])
  func metricsListenerShowsNoMore(_ path: String, _ status: Int) async {
    var api = API(source: FixedSource(), host: HostCheck(allowed: []), budget: AnswerBudget(bytes: 1 << 30))
    api.servesMetricsOnly = true
    #expect(await api.answer(method: "GET", target: path, host: "scraped.example").status == status)
  }

  @Test func longListingsShareABudget() async {
    let budget = AnswerBudget(bytes: 30 << 20)
    let api = API(source: FixedSource(), host: HostCheck(allowed: []), budget: budget)
    func ask() async -> Answer {
      await api.answer(method: "GET", target: "/api/v1/connections?limit=10000", host: "localhost")
    }
    var held: Answer? = await ask()
    #expect(held?.status == 200)
    let refused = await ask()
    #expect(refused.status == 503)
    #expect(refused.retryAfter == 1)
    held = nil
    #expect(await ask().status == 200)
  }
}
