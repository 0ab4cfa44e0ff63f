internal import PacketDecoding
internal import Reporting

/// Turns samples into requests, and remembers which series there were: of one that is gone a last mark says so, for else
/// its last value would stand for five minutes more.
struct SeriesBook {
  /// Added to each series that has no such label itself.
  private let external: [Label]
  private var known: Set<Series> = []

  /// Samples in one request at most.
  static let requestLimit = 2000
  /// The NaN that stands for the end of a series.
  static let stale = Double(bitPattern: 0x7FF0_0000_0000_0002)

  typealias Series = [Label]

  init(external: [(String, String)]) {
    self.external = external.map { Label(name: $0.0, value: $0.1) }
  }

  mutating func requests(_ samples: [MetricSample], at time: Timestamp) -> [WriteRequest] {
    var current = samples.map { SeriesValue(labels: series($0), value: $0.value) }
    let present = Set(current.map(\.labels))
    for gone in known.subtracting(present) { current.append(SeriesValue(labels: gone, value: Self.stale)) }
    known = present
    return Self.requests(current, at: time)
  }

  /// Ends all series.
  mutating func ending(at time: Timestamp) -> [WriteRequest] { requests([], at: time) }

  private func series(_ sample: MetricSample) -> Series {
    var labels =
      [Label(name: "__name__", value: sample.name)] + sample.labels.map { Label(name: $0.name, value: $0.value) }
    labels += external.filter { label in !labels.contains { $0.name == label.name } }
    // The specification wants them in this order.
    return labels.sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
  }

  private static func requests(_ values: [SeriesValue], at time: Timestamp) -> [WriteRequest] {
    stride(from: 0, to: values.count, by: requestLimit).map { start in
      WriteRequest(
        series: Array(values[start..<min(start + requestLimit, values.count)]),
        milliseconds: time.nanoseconds / 1_000_000
      )
    }
  }
}
