internal import CloseDiagnosis
internal import ConnectionTracking
package import Monitoring
internal import PacketDecoding
internal import StateAccounting

/// What `analyze --format html` writes: one page that needs nothing else, to read, to print, to send.
package struct HTMLReport {
  let snapshot: Snapshot
  /// As they were named, in the order of their first packets.
  let files: [String]
  /// Which connections the figures are of; nil for all.
  let filter: String?
  /// Where files are damaged, a sentence each.
  let damage: [String]
  let version: String

  package init(_ snapshot: Snapshot, files: [String], filter: String?, damage: [String], version: String) {
    self.snapshot = snapshot
    self.files = files
    self.filter = filter
    self.damage = damage
    self.version = version
  }

  package var text: String {
    var html = HTMLWriter()
    html.markup("<!doctype html>\n")
    html.nest("html", [("lang", "en")]) { html in
      head(&html)
      html.nest("body") { html in
        html.nest("main") { html in
          title(&html)
          tiles(&html)
          findings(&html)
          timeWait(&html)
          endings(&html)
          causes(&html)
          services(&html)
          waiting(&html)
          destinations(&html)
          clients(&html)
          states(&html)
          footer(&html)
        }
      }
    }
    html.line()
    return html.text
  }

  private var name: String {
    switch files.count {
    case 0: "no file"
    case 1: files[0]
    default: "\(files[0]) and \(files.count - 1) more"
    }
  }

  private func head(_ html: inout HTMLWriter) {
    html.nest("head") { html in
      html.open("meta", [("charset", "utf-8")])
      html.open("meta", [("name", "viewport"), ("content", "width=device-width, initial-scale=1")])
      html.open("meta", [("name", "color-scheme"), ("content", "light dark")])
      // Nothing is to be loaded, whatever a name holds.
      html.open(
        "meta",
        [("http-equiv", "Content-Security-Policy"), ("content", "default-src 'none'; style-src 'unsafe-inline'")]
      )
      html.element("title", "TCP connections in \(name)")
      html.markup(Self.style)
    }
    html.line()
  }

  private func title(_ html: inout HTMLWriter) {
    html.nest("header") { html in
      html.element("h1", "TCP connections in \(name)")
      if let first = snapshot.first, let last = snapshot.last {
        let length = Double(last.nanoseconds &- first.nanoseconds) / 1e9
        html.element("p", [("class", "quiet")], "\(first) to \(last), \(HTMLText.seconds(length)).")
      }
      if files.count > 1 { html.element("p", [("class", "quiet")], "Files: \(files.joined(separator: ", "))") }
      if let filter {
        html.element("p", [("class", "notice")], "Only connections with \(filter); figures are of these.")
      }
      for sentence in damage { html.element("p", [("class", "notice")], "Truncated: \(sentence)") }
    }
    html.line()
  }

  private func tiles(_ html: inout HTMLWriter) {
    let accounts = snapshot.accounts
    let mean = accounts.connections > 0 ? Double(snapshot.exchanges) / Double(accounts.connections) : 0
    let peaks = snapshot.isSelection ? nil : (accounts.peakTimeWaitClient, accounts.peakTimeWaitServer)
    html.nest("section", [("class", "tiles")]) { html in
      tile(
        "Connections",
        HTMLText.count(accounts.connections),
        "\(HTMLText.count(accounts.open)) open at the end",
        &html
      )
      tile("Closed first", closer, closerShare, &html)
      if let peaks {
        tile(
          "Most TIME_WAIT at once",
          HTMLText.count(max(peaks.0, peaks.1)),
          "servers \(HTMLText.count(peaks.1)), clients \(HTMLText.count(peaks.0))",
          &html
        )
      }
      tile("Requests answered", HTMLText.count(snapshot.exchanges), "\(HTMLText.number(mean)) a connection", &html)
      tile(
        "Packets",
        HTMLText.count(snapshot.ingest.packets),
        "\(HTMLText.count(snapshot.ingest.tcpPackets)) of them TCP",
        &html
      )
    }
    html.line()
  }

  private func tile(_ name: String, _ figure: String, _ note: String, _ html: inout HTMLWriter) {
    html.nest("div", [("class", "tile")]) { html in
      html.element("span", [("class", "name")], name)
      html.element("strong", figure)
      html.element("span", [("class", "quiet")], note)
    }
  }

  private var closers: [(name: String, count: Int)] {
    let counts = snapshot.accounts.closedFirst
    return [("server", counts[.server]), ("client", counts[.client]), ("both at once", counts[.simultaneous])]
  }

  private var closer: String {
    guard let most = closers.max(by: { $0.count < $1.count }), most.count > 0 else { return "nobody" }
    return most.name
  }

  private var closerShare: String {
    let total = closers.reduce(0) { $0 + $1.count }
    guard let most = closers.map(\.count).max(), most > 0 else { return "no connection was closed" }
    return "\(HTMLText.share(most, of: total)) of \(HTMLText.count(total)) that somebody closed"
  }

  private func footer(_ html: inout HTMLWriter) {
    html.nest("footer") { html in
      html.write(
        """
        tcpstated \(version). Who closed first is decided by sequence numbers; TIME_WAIT is modelled as Linux keeps it \
        (60 s). tcpstated explain NAME says more of each cause and finding.
        """
      )
    }
  }
}

/// Numbers as the page shows them.
enum HTMLText {
  /// `1,234,567`
  static func count(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    var grouped = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { grouped.append(",") }
      grouped.append(digit)
    }
    return grouped
  }

  /// With one decimal where it matters.
  static func number(_ value: Double) -> String {
    guard value.isFinite, value.magnitude < 1e12 else { return "-" }
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 || value.magnitude >= 100
      ? count(Int(value.rounded())) : "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
  }

  /// What is not nothing never shows as 0, and what is not all never as 100.
  static func share(_ part: Int, of whole: Int) -> String {
    guard whole > 0 else { return "-" }
    var thousandths = Int((Double(part) * 1000 / Double(whole)).rounded())
    if part > 0 { thousandths = max(thousandths, 1) }
    if part < whole { thousandths = min(thousandths, 999) }
    return thousandths % 10 == 0 ? "\(thousandths / 10) %" : "\(thousandths / 10).\(thousandths % 10) %"
  }

  static func seconds(_ value: Double) -> String {
    guard value.isFinite, value.magnitude < 1e9 else { return "?" }
    return span(Seconds(nanoseconds: Int64(value * 1e9)))
  }
}
