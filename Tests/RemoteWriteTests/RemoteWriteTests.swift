import Monitoring
import PacketDecoding
import Reporting
import Testing

@testable import RemoteWrite

@Suite("Remote write") struct RemoteWriteTests {
  private static let time = Timestamp(nanoseconds: 1_767_323_045_678_901_234)

  private static func samples() -> [MetricSample] {
    var snapshot = Snapshot(time: time)
    snapshot.table.capacity = 1000
    return MetricsText.samples(snapshot, LiveStatus(version: "1.2.3", host: "web-1", uptime: Seconds(0)))
  }

  private static func text() -> String {
    var snapshot = Snapshot(time: time)
    snapshot.table.capacity = 1000
    return MetricsText.write(snapshot, LiveStatus(version: "1.2.3", host: "web-1", uptime: Seconds(0)))
  }

  private static func names(_ series: SeriesValue) -> [String] { series.labels.map(\.name) }

  @Test("The same samples as /metrics") func same() {
    let lines = Self.text().split(separator: "\n").filter { !$0.hasPrefix("#") }
    let written = Self.samples().map { sample in
      let labels = sample.labels.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ",")
      return "\(sample.name)\(labels.isEmpty ? "" : "{\(labels)}") \(Int(sample.value))"
    }
    #expect(written == lines.map(String.init))
  }

  @Test func labels() throws {
    var book = SeriesBook(external: [("instance", "web-1"), ("Zone", "a"), ("version", "mine")])
    let request = book.requests(Self.samples(), at: Self.time)[0]
    let sets = request.series.map(Self.names)
    #expect(sets.allSatisfy { $0 == $0.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) } })
    #expect(sets.allSatisfy { Set($0).count == $0.count && $0.contains("instance") && $0[0] == "Zone" })
    let build = try #require(request.series.first { $0.labels.contains { $0.value == "tcpstated_build_info" } })
    #expect(build.labels.first { $0.name == "version" }?.value == "1.2.3", "its own labels go before")
    #expect(request.milliseconds == 1_767_323_045_678)
  }

  @Test("A series that is gone gets one mark, at the end all do") func staleness() throws {
    var book = SeriesBook(external: [])
    let all = Self.samples()
    #expect(book.requests(all, at: Self.time)[0].series.count == all.count)
    let fewer = book.requests(Array(all.dropLast()), at: Self.time)[0].series
    #expect(fewer.count == all.count)
    let marks = fewer.filter { $0.value.bitPattern == 0x7FF0_0000_0000_0002 }
    #expect(marks.map { $0.labels[0].value } == ["tcpstated_build_info"])
    #expect(book.requests(Array(all.dropLast()), at: Self.time)[0].series.count == all.count - 1)
    let ending = book.ending(at: Self.time)[0].series
    #expect(ending.count == all.count - 1 && ending.allSatisfy { $0.value.isNaN })
    #expect(book.ending(at: Self.time).isEmpty)
  }

  @Test("Octet by octet, as the encoding has it") func encoding() {
    let series = SeriesValue(labels: [Label(name: "__name__", value: "up"), Label(name: "a", value: "é")], value: 1.5)
    let expected: [[UInt8]] = [
      [0x0A, 0x2B],  // timeseries, 43 octets
      [0x0A, 0x0E, 0x0A, 0x08] + Array("__name__".utf8) + [0x12, 0x02] + Array("up".utf8),
      [0x0A, 0x07, 0x0A, 0x01, 0x61, 0x12, 0x02, 0xC3, 0xA9],
      [0x12, 0x10],  // sample, 16 octets
      [0x09, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F],  // 1.5
      [0x10, 0xAE, 0xA5, 0xA6, 0xE5, 0xB7, 0x33],  // 1767323046574 in groups of seven bits
    ]
    let whole = WriteRequest(series: [series], milliseconds: 1_767_323_046_574).bytes
    #expect(whole == Array(expected.joined()))
  }

  @Test(
    arguments: [(Int64(0), [0x10, 0]), (127, [0x10, 0x7F]), (128, [0x10, 0x80, 0x01]), (300, [0x10, 0xAC, 0x02])]
      as [(Int64, [UInt8])]
  )
  func integers(_ value: Int64, _ bytes: [UInt8]) {
    var out = ProtobufWriter()
    out.integer(2, value)
    #expect(out.bytes == bytes)
  }

  @Test("A negative number takes ten octets") func negative() {
    var out = ProtobufWriter()
    out.integer(2, -1)
    #expect(out.bytes == [0x10] + Array(repeating: 0xFF, count: 9) + [0x01])
  }

  @Test func packed() {
    var book = SeriesBook(external: [("instance", "web-1")])
    let bytes = book.requests(Self.samples(), at: Self.time)[0].bytes
    let packed = Snappy.compress(bytes)
    #expect(packed.count < bytes.count / 3)
    // The length of what was packed stands first, seven bits an octet.
    #expect(packed[0] == UInt8(bytes.count & 0x7F | 0x80) && packed[1] == UInt8(bytes.count >> 7))
  }

  @Test func smallRequests() {
    let samples = Self.samples()
    var book = SeriesBook(external: [])
    let many = (0..<50).flatMap { number in
      samples.map { sample in
        var sample = sample
        sample.labels.append(("n", "\(number)"))
        return sample
      }
    }
    let requests = book.requests(many, at: Self.time)
    #expect(requests.count == (many.count + 1999) / 2000)
    #expect(requests.allSatisfy { $0.series.count <= SeriesBook.requestLimit })
    #expect(requests.reduce(0) { $0 + $1.series.count } == many.count)
  }

  @Test("The oldest makes way") func queue() {
    var queue = WriteQueue(limit: 2)
    for byte in UInt8(1)...3 { queue.add([byte]) }
    #expect(queue.count == 2 && queue.dropped == 1 && queue.first?.body == [2])
    queue.settle(0, isDropped: false)
    #expect(queue.count == 2, "it had gone already")
    queue.settle(1, isDropped: true)
    #expect(queue.first?.body == [3] && queue.dropped == 2)
  }
}
