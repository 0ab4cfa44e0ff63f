import ConnectionTracking
import Foundation
import Monitoring
import PacketDecoding
import StateAccounting
import Testing

@testable import Reporting

@Suite struct MetricsTests {
  @Test func text() throws {
    try Golden.expect(MetricsText.write(try Fixtures.snapshot(), Fixtures.live()), "metrics.txt")
  }

  @Test func nothingYet() throws {
    let live = LiveStatus(version: "1.2.3", host: "web-1", uptime: Seconds(0))
    try Golden.expect(MetricsText.write(Snapshot(time: Fixtures.time), live), "metrics-empty.txt")
  }

  @Test func everyFamilyHasHelpAndTypeAndNoSeriesComesTwice() throws {
    let text = MetricsText.write(try Fixtures.snapshot(), Fixtures.live())
    var (families, series) = ([String](), Set<String>())
    var isHistogram = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      let words = line.split(separator: " ", maxSplits: 3)
      if line.hasPrefix("# HELP") {
        families.append(String(words[2]))
      } else if line.hasPrefix("# TYPE") {
        #expect(String(words[2]) == families.last)
        isHistogram = words[3] == "histogram"
        #expect((words[3] == "counter") == words[2].hasSuffix("_total"), "\(line)")
      } else {
        let end = try #require(line.lastIndex(of: " "))
        #expect(series.insert(String(line[..<end])).inserted, "twice: \(line)")
        let name = String(line.prefix { $0 != "{" && $0 != " " })
        let family = families.last ?? ""
        let names = isHistogram ? ["_bucket", "_sum", "_count"].map { family + $0 } : [family]
        #expect(names.contains(name), "\(line)")
      }
    }
    #expect(Set(families).count == families.count)
    #expect(text.hasSuffix("\n"))
  }

  @Test func labelValuesAreEscaped() {
    var text = Exposition()
    text.family("m", .gauge, "Help.") { $0.add(1, (.id, "a\\b\"c\r\nd\n")) }
    #expect(text.text == "# HELP m Help.\n# TYPE m gauge\nm{id=\"a\\\\b\\\"c\\\\u{d}\\\\u{a}d\\\\u{a}\"} 1\n")
  }

  // MARK: Labels that stay

  private static func service(_ number: Int) -> Endpoint {
    Endpoint(address: IPAddress(ipv4: 0x0A00_0000 + UInt32(number)), port: 80)
  }

  private static func metrics(_ ledger: borrowing Ledger) -> [String: Int] {
    var snapshot = Snapshot(time: Fixtures.time)
    snapshot.accounts = ledger.accounts
    let live = LiveStatus(version: "1.2.3", host: "web-1", uptime: Seconds(0))
    var samples: [String: Int] = [:]
    for line in MetricsText.write(snapshot, live).split(separator: "\n") where !line.hasPrefix("#") {
      guard let end = line.lastIndex(of: " ") else { continue }
      samples[String(line[..<end])] = Int(line[line.index(after: end)...])
    }
    return samples
  }

  private static func labels(_ samples: [String: Int], _ family: String) -> Set<Substring> {
    Set(
      samples.keys.filter { $0.hasPrefix(family + "{service=") }.compactMap {
        $0.split(separator: "\"", maxSplits: 2).dropFirst().first
      }
    )
  }

  private static let families = [
    "tcpstated_time_wait", "tcpstated_connections_opened_total", "tcpstated_connections_closed_total",
  ]

  /// As more and more services come, and the late ones grow busier than the first.
  @Test func firstServicesKeepTheirLabelAndNoCounterGoesBack() {
    var ledger = Ledger()
    var before: [String: Int] = [:]
    for number in 1...450 {
      for _ in 0..<(number > 200 ? 5 : 1) {
        let standing = Fixtures.standing(.closed, .timeWait, number % 2 == 0 ? .server : .client, .fin, .server)
        Fixtures.post(&ledger, Fixtures.client, Self.service(number), standing)
      }
      guard number % 50 == 0 else { continue }
      let now = Self.metrics(ledger)
      for (series, value) in before where series.contains("_total") {
        #expect(now[series] ?? -1 >= value, "\(series) was \(value), is \(now[series]?.description ?? "gone")")
      }
      before = now
    }
    for family in Self.families {
      let labels = Self.labels(before, family)
      #expect(labels.count == 201, "\(family)")
      #expect(labels.contains("10.0.0.1:80") && labels.contains("10.0.0.200:80") && labels.contains("other"))
    }
    #expect(before["tcpstated_connections_opened_total{service=\"other\",side=\"local\"}"] == 250 * 5)
    #expect(before["tcpstated_time_wait{service=\"other\",side=\"local\"}"] == 250 * 5)
  }

  @Test func servicesThatTheLedgerDoesNotTellApartAreOther() {
    var limits = Ledger.Limits()
    limits.services = 11
    var ledger = Ledger(limits: limits)
    for number in 1...30 {
      Fixtures.post(
        &ledger,
        Fixtures.client,
        Self.service(number),
        Fixtures.standing(.closed, .timeWait, .server, .fin, .server)
      )
    }
    let samples = Self.metrics(ledger)
    let opened = samples.filter { $0.key.hasPrefix("tcpstated_connections_opened_total") }
    #expect(opened.count == 11)
    #expect(opened.values.reduce(0, +) == 30)
    #expect(samples["tcpstated_time_wait{service=\"other\",side=\"local\"}"] == 20)
  }

  /// Who closed a connection of others is not told, so that two ways to close are one series.
  @Test func closesBetweenOthersAreOneSeries() {
    var ledger = Ledger()
    for closer in [ClosedFirst.client, .server] {
      Fixtures.post(
        &ledger,
        Fixtures.client,
        Fixtures.here,
        Fixtures.standing(.closed, .closed, closer, .fin, .transit)
      )
    }
    let closed = Self.metrics(ledger).filter { $0.key.hasPrefix("tcpstated_connections_closed_total") }
    #expect(Array(closed.values) == [2])
  }
}
