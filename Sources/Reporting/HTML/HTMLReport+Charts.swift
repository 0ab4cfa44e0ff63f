internal import Alerting
internal import CloseDiagnosis
internal import ConnectionTracking
internal import Monitoring
internal import PacketDecoding
internal import StateAccounting

// TIME_WAIT over time; who closed; why.
extension HTMLReport {
  // MARK: Over time

  func timeWait(_ html: inout HTMLWriter) {
    let samples = snapshot.timeWaitSeries.samples
    html.nest("section") { html in
      html.element("h2", "TIME_WAIT over time")
      guard let chart = TimeWaitChart(samples) else {
        let reason = snapshot.isSelection ? "not known for chosen connections." : "never more than a moment."
        return html.element("p", [("class", "quiet")], "TIME_WAIT over time is \(reason)")
      }
      html.nest("figure") { html in
        chart.draw(&html)
        html.nest("figcaption") { html in
          Self.key("server", "held by servers", &html)
          Self.key("client", "held by clients", &html)
        }
      }
    }
    html.line()
  }

  private static func key(_ kind: String, _ name: String, _ html: inout HTMLWriter) {
    html.nest("span", [("class", "key")]) { html in
      html.element("i", [("class", "swatch \(kind)")], "")
      html.write(name)
    }
  }

  // MARK: How connections ended

  func endings(_ html: inout HTMLWriter) {
    let accounts = snapshot.accounts
    let closers = [
      ("server", "the server", accounts.closedFirst[.server]), ("client", "the client", accounts.closedFirst[.client]),
      ("both", "both at once", accounts.closedFirst[.simultaneous]), ("none", "nobody", accounts.closedFirst[.none]),
    ]
    let kinds = CloseKind.allCases.enumerated().map { index, kind in
      ("shade\(index)", kind == .none ? "still open" : Self.words(of: kind), accounts.closeKind[kind])
    }
    html.nest("section", [("class", "pair")]) { html in
      html.nest("div") { html in
        html.element("h2", "Who closed first")
        stack(closers, &html)
      }
      html.nest("div") { html in
        html.element("h2", "How they ended")
        stack(kinds, &html)
      }
    }
    html.line()
  }

  private static func words(of kind: CloseKind) -> String {
    switch kind {
    case .none: "open"
    case .fin: "both sides closed (fin)"
    case .rst: "reset (rst)"
    case .refused: "refused"
    case .expired: "expired"
    case .reused: "replaced by a new one (reused)"
    }
  }

  /// One bar in parts, and what they are.
  func stack(_ parts: [(kind: String, name: String, count: Int)], _ html: inout HTMLWriter) {
    let shown = parts.filter { $0.count > 0 }
    let total = shown.reduce(0) { $0 + $1.count }
    guard total > 0 else { return html.element("p", [("class", "quiet")], "No connections.") }
    bar(shown, &html)
    html.nest("ul", [("class", "legend")]) { html in
      for part in shown {
        html.nest("li") { html in
          html.element("i", [("class", "swatch \(part.kind)")], "")
          html.write("\(part.name) \(HTMLText.count(part.count)) (\(HTMLText.share(part.count, of: total)))")
        }
      }
    }
  }

  func bar(_ parts: [(kind: String, name: String, count: Int)], _ html: inout HTMLWriter) {
    let total = parts.reduce(0) { $0 + $1.count }
    let label = parts.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
    html.nest("svg", [("class", "bar"), ("viewBox", "0 0 1000 10"), ("preserveAspectRatio", "none"), ("role", "img")]) {
      html in
      html.element("title", label)
      var x = 0.0
      for part in parts where total > 0 {
        let width = 1000 * Double(part.count) / Double(total)
        html.element(
          "rect",
          [
            ("class", part.kind), ("x", Self.place(x)), ("y", "0"), ("width", Self.place(width)), ("height", "10"),
          ],
          ""
        )
        x += width
      }
    }
  }

  static func place(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }

  // MARK: Why

  func causes(_ html: inout HTMLWriter) {
    let counts = snapshot.causes.whole
    let causes = CloseCause.allCases.filter { counts[$0] > 0 }.sorted { counts[$0] > counts[$1] }
    guard let most = causes.first.map({ counts[$0] }) else { return }
    html.nest("section") { html in
      html.element("h2", "Why they closed")
      html.nest("table", [("class", "bars")]) { html in
        for cause in causes {
          html.nest("tr") { html in
            html.nest("th", [("scope", "row")]) { html in html.element("code", cause.name) }
            html.nest("td", [("class", "wide")]) { html in
              bar([("cause", cause.name, counts[cause]), ("rest", "", most - counts[cause])], &html)
              html.element("span", [("class", "quiet")], cause.explanation.sentence)
            }
            html.element("td", [("class", "number")], HTMLText.count(counts[cause]))
            html.element("td", [("class", "number")], HTMLText.share(counts[cause], of: counts.total))
          }
        }
      }
    }
    html.line()
  }
}

extension HTMLText {
  static func span(_ seconds: Seconds) -> String { FigureText.span(seconds) }
}
