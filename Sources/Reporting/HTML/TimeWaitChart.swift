internal import PacketDecoding
internal import StateAccounting

/// TIME_WAIT of both sides as lines over time.
struct TimeWaitChart {
  private let samples: [TimeWaitSeries.Sample]
  private let first: Int64
  private let last: Int64
  /// What the highest line stands for.
  private let top: Int

  private static let (width, height) = (760.0, 240.0)
  private static let (left, right, above, below) = (56.0, 12.0, 12.0, 28.0)

  /// Nil when there is nothing to draw.
  init?(_ samples: [TimeWaitSeries.Sample]) {
    guard let first = samples.first?.at.nanoseconds, let last = samples.last?.at.nanoseconds, last > first,
      let most = samples.map({ max($0.client, $0.server) }).max(), most > 0
    else { return nil }
    self.samples = samples
    self.first = first
    self.last = last
    top = Self.roundedUp(most)
  }

  /// To 1, 2, 4, 5 or 8 and zeros, so that the lines between are whole.
  static func roundedUp(_ value: Int) -> Int {
    var power = 1
    while power <= Int.max / 100, power * 10 < value { power *= 10 }
    for step in [1, 2, 4, 5, 8, 10] where step * power >= value { return max(step * power, 4) }
    return max(value, 4)
  }

  func draw(_ html: inout HTMLWriter) {
    let box = "0 0 \(Int(Self.width)) \(Int(Self.height))"
    html.nest("svg", [("class", "chart"), ("viewBox", box), ("role", "img")]) { html in
      html.element("title", "TIME_WAIT of servers and clients over time, at most \(HTMLText.count(peak)) at once")
      drawGrid(&html)
      drawLine("server", \.server, &html)
      drawLine("client", \.client, &html)
    }
  }

  private var peak: Int { samples.map { max($0.client, $0.server) }.max() ?? 0 }

  private func x(_ nanoseconds: Int64) -> Double {
    let share = Double(nanoseconds &- first) / Double(last &- first)
    return Self.left + share * (Self.width - Self.left - Self.right)
  }

  private func y(_ count: Int) -> Double {
    Self.height - Self.below - Double(count) / Double(top) * (Self.height - Self.above - Self.below)
  }

  private func drawGrid(_ html: inout HTMLWriter) {
    for quarter in 0...4 {
      let count = top * quarter / 4
      let y = HTMLReport.place(y(count))
      html.element(
        "line",
        [
          ("class", "grid"), ("x1", HTMLReport.place(Self.left)), ("x2", HTMLReport.place(Self.width - Self.right)),
          ("y1", y), ("y2", y),
        ],
        ""
      )
      html.element(
        "text",
        [("x", HTMLReport.place(Self.left - 6)), ("y", y), ("text-anchor", "end"), ("dominant-baseline", "middle")],
        HTMLText.count(count)
      )
    }
    for quarter in 0...4 {
      let moment = first &+ (last &- first) / 4 &* Int64(quarter)
      let anchor = quarter == 0 ? "start" : quarter == 4 ? "end" : "middle"
      html.element(
        "text",
        [
          ("x", HTMLReport.place(x(moment))), ("y", HTMLReport.place(Self.height - 8)), ("text-anchor", anchor),
        ],
        quarter == 0 ? Self.clock(first) : "+\(HTMLText.seconds(Double(moment &- first) / 1e9))"
      )
    }
  }

  /// `01:02:03`, UTC.
  private static func clock(_ nanoseconds: Int64) -> String {
    let text = Timestamp(nanoseconds: nanoseconds).description
    guard let begin = text.firstIndex(of: "T") else { return text }
    return "\(text[text.index(after: begin)...].prefix(8)) UTC"
  }

  private func drawLine(
    _ kind: String,
    _ value: (TimeWaitSeries.Sample) -> Int,
    _ html: inout HTMLWriter
  ) {
    let points = samples.map { "\(HTMLReport.place(x($0.at.nanoseconds))),\(HTMLReport.place(y(value($0))))" }
    let base = HTMLReport.place(y(0))
    let area = ["\(HTMLReport.place(x(first))),\(base)"] + points + ["\(HTMLReport.place(x(last))),\(base)"]
    html.element("polygon", [("class", "area \(kind)"), ("points", area.joined(separator: " "))], "")
    html.element("polyline", [("class", "line \(kind)"), ("points", points.joined(separator: " "))], "")
  }
}
