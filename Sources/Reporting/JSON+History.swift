package import Monitoring
internal import PacketDecoding

extension JSONWriter {
  /// What the history says.
  package mutating func history(_ answer: HistoryAnswer) {
    member("since", answer.range.since.description)
    member("until", answer.range.until.description)
    member("oldest", answer.oldest?.description)
    member("problem", answer.problem)
    switch answer.rows {
    case .samples(let samples, let step):
      member("step_seconds", step.nanoseconds / 1_000_000_000)
      list("samples", samples) { $0.sample($1) }
    case .services(let services): list("services", services) { $0.service($1) }
    case .ports(let ports, let step):
      member("step_seconds", step.nanoseconds / 1_000_000_000)
      list("samples", ports) { $0.ports($1, timed: true) }
    case .destinations(let ports): list("destinations", ports) { $0.ports($1, timed: false) }
    case .causes(let causes):
      list("causes", causes) { json, cause in
        json.member("cause", cause.cause)
        json.member("count", cause.count)
      }
    case .alerts(let alerts): self.alerts(alerts)
    case .findings(let findings):
      list("findings", findings) { json, past in
        json.member("first", past.first.description)
        json.member("last", past.last.description)
        json.members(of: past.finding)
      }
    }
  }

  private mutating func list<Row>(_ key: String, _ rows: [Row], _ write: (inout JSONWriter, Row) -> Void) {
    array(key) { json in
      for row in rows { json.object { write(&$0, row) } }
    }
  }

  private mutating func sample(_ sample: FigureSample) {
    member("time", sample.time.description)
    figures(sample)
  }

  private mutating func figures(_ sample: FigureSample) {
    object("time_wait") { json in
      json.member("local", sample.local)
      json.member("remote", sample.remote)
      json.member("transit", sample.transit)
      json.member("client", sample.client)
      json.member("server", sample.server)
    }
    member("open", sample.open)
    member("opened", sample.flow.opened)
    member("closed", sample.flow.closed)
    object("closed_first") { json in
      json.member("client", sample.flow.closedByClient)
      json.member("server", sample.flow.closedByServer)
      json.member("simultaneous", sample.flow.closedSimultaneously)
    }
  }

  private mutating func service(_ past: ServicePast) {
    member("service", past.service)
    figures(past.figures)
    object("close_cause") { json in
      for cause in past.causes { json.member(cause.cause, cause.count) }
    }
  }

  private mutating func ports(_ past: PortPast, timed: Bool) {
    if timed { member("time", past.time.description) }
    member("address", past.address)
    member("destination", past.destination)
    member("ports_used", past.used)
    member("ports_held", past.held)
    member("time_wait", past.timeWait)
    member("refused", past.refused)
    member("unanswered", past.unanswered)
  }

  /// How the history fares.
  mutating func history(_ status: HistoryStatus) {
    object("history") { json in
      json.member("state", status.state.rawValue)
      json.member("problem", status.problem)
      json.member("rows_written", status.rows)
      json.member("bytes", status.bytes)
      json.member("waiting_minutes", status.waiting)
      json.member("lost_minutes", status.lost)
      json.member("errors", status.errors)
    }
  }
}
