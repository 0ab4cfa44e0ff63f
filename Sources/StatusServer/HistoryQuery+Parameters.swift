internal import Monitoring
internal import PacketDecoding

extension HistoryQuery {
  static let parameterNames = ["what", "since", "until", "span", "step", "service", "destination", "limit"]

  init(_ parameters: Parameters) throws(Parameters.Fault) {
    self.init()
    let subjects = Subject.allCases.map(\.rawValue).joined(separator: ", ")
    subject = try parameters.read("what", "one of \(subjects)") { Subject(rawValue: $0) } ?? .host
    let form = "a time such as 90s, 15m, 6h or 7d (ago), now, or RFC 3339 such as 2026-11-21T01:02:03Z"
    let since = try parameters.read("since", form) { HistoryMoment($0) }
    until = try parameters.read("until", form) { HistoryMoment($0) } ?? .ago(.zero)
    let span = try parameters.read("span", "seconds, minutes, hours or days such as 90s, 15m, 6h or 7d") {
      HistoryMoment.span($0)
    }
    self.since = since ?? until.earlier(by: span ?? Seconds(900))
    step = try parameters.read("step", "1s, or minutes, hours or days up to 7d such as 5m") { HistoryQuery.step($0) }
    let address = "an address with a port, such as 10.0.0.1:80 or [::1]:80"
    service = try parameters.read("service", address) { Endpoint($0) }
    destination = try parameters.read("destination", address) { Endpoint($0) }
    limit = try parameters.integer("limit", in: HistoryQuery.limits, default: 100)
  }
}

extension HistoryMoment {
  fileprivate func earlier(by span: Seconds) -> HistoryMoment {
    switch self {
    case .at(let time): .at(Timestamp(nanoseconds: time.nanoseconds &- span.nanoseconds))
    case .ago(let ago): .ago(Seconds(nanoseconds: ago.nanoseconds &+ span.nanoseconds))
    }
  }
}
