import CloseDiagnosis
import ConnectionTracking
import Foundation
import Monitoring
import PacketDecoding
import StateAccounting
import Testing

@testable import Reporting

@Suite struct HTMLTests {
  private func snapshot() throws -> Snapshot {
    var snapshot = try Fixtures.snapshot()
    for second in 0..<120 {
      let at = Instant(nanoseconds: 1_767_322_000_000_000_000 + Int64(second) * 1_000_000_000)
      snapshot.timeWaitSeries.add(.init(at: at, client: 60 - abs(60 - second), server: second / 2))
    }
    snapshot.causes.name(1, Fixtures.here)
    for _ in 0..<120 { snapshot.causes.count(.noPool, 1) }
    snapshot.causes.count(.serverIdle, 1)
    return snapshot
  }

  private func report(_ snapshot: Snapshot, files: [String] = ["day.pcap"]) -> String {
    HTMLReport(snapshot, files: files, filter: nil, damage: [], version: "1.2.3").text
  }

  @Test func page() throws {
    // The style is no figure.
    let text = report(try snapshot())
    let parts = text.components(separatedBy: "</head>")
    try Golden.expect(parts.dropFirst().joined().replacingOccurrences(of: "><", with: ">\n<"), "report.html")
  }

  @Test func aFileWithoutPackets() {
    let text = report(Snapshot(time: nil))
    #expect(text.contains("Nothing is wrong") && !text.contains("NaN"))
    expectWellFormed(text)
  }

  /// What others chose cannot become markup, a reference or a request.
  @Test func hostileNamesStayText() throws {
    let evil = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>&lt;\u{202E}\u{1b}[31m\u{0}\r\n.pcap"
    var snapshot = try snapshot()
    snapshot.ingest.undecoded = [evil: 1]
    snapshot.ingest.anomalies = [evil: 2]
    var leak = LingeringAccount(service: Fixtures.here, role: .server, phase: .closeWait, locality: .local)
    (leak.count, leak.owner) = (10, evil)
    snapshot.accounts.lingering = [leak]
    snapshot.accounts.services[0].owner = evil
    let text = HTMLReport(snapshot, files: [evil, evil], filter: evil, damage: [evil], version: evil).text
    #expect(!text.contains("<script") && !text.contains("<img") && !text.contains("onerror='"))
    #expect(!text.unicodeScalars.contains { $0.value == 0x202E || $0.value == 0x1B || $0.value == 0 })
    #expect(text.contains("&lt;script&gt;alert(1)"))
    expectWellFormed(text)
  }

  /// The page is one file: nothing is loaded, run or linked to.
  @Test func asksNobodyForAnything() throws {
    let text = report(try snapshot())
    for word in ["http://", "https://", "src=", "href=", "url(", "@import", "<script", "<link", "<iframe"] {
      #expect(!text.contains(word), "\(word)")
    }
    #expect(text.contains("default-src &#39;none&#39;"))
    for word in ["@media print", "prefers-color-scheme:dark"] { #expect(text.contains(word)) }
  }

  @Test(arguments: [(0, "0"), (1234, "1,234"), (-1_234_567, "-1,234,567"), (Int.min, "-9,223,372,036,854,775,808")])
  func counts(number: Int, expected: String) {
    #expect(HTMLText.count(number) == expected)
  }

  @Test(arguments: [
    (0, 0, "-"), (0, 5, "0 %"), (1, 100_000, "0.1 %"), (99_999, 100_000, "99.9 %"), (5, 5, "100 %"), (1, 3, "33.3 %"),
  ])
  func shares(part: Int, whole: Int, expected: String) {
    #expect(HTMLText.share(part, of: whole) == expected)
  }

  @Test(arguments: [(1, 4), (4, 4), (5, 5), (6, 8), (9, 10), (704, 800), (801, 1000), (100_001, 200_000)])
  func chartsEndAtARoundNumber(most: Int, top: Int) {
    #expect(TimeWaitChart.roundedUp(most) == top)
  }

  /// Each element that begins ends, in order.
  private func expectWellFormed(_ text: String, _ location: SourceLocation = #_sourceLocation) {
    let page = text.replacing("<!doctype html>", with: "")
    var open: [Substring] = []
    for piece in page.split(separator: "<").dropFirst() {
      guard let end = piece.firstIndex(of: ">") else { continue }
      let tag = piece[..<end]
      let name = tag.prefix { $0 != " " }
      if name == "meta" { continue }
      if name.first == "/" {
        #expect(open.popLast() == name.dropFirst(), sourceLocation: location)
      } else {
        open.append(name)
      }
    }
    #expect(open.isEmpty, sourceLocation: location)
  }
}
