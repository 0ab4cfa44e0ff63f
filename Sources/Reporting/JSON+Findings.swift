package import CloseDiagnosis
package import Monitoring
internal import PacketDecoding
internal import StateAccounting

extension JSONWriter {
  package mutating func findings(_ findings: [Finding]) {
    array("findings") { json in
      for finding in findings { json.finding(finding) }
    }
  }

  private mutating func finding(_ finding: Finding) {
    object { $0.members(of: finding) }
  }

  mutating func members(of finding: Finding) {
    member("id", finding.id.rawValue)
    member("severity", finding.severity.rawValue)
    member("summary", finding.summary)
    object("evidence") { json in json.members(finding.evidence) }
    member("advice", finding.advice)
  }

  private mutating func members(_ evidence: [Finding.Evidence]) {
    for piece in evidence {
      switch piece.value {
      case .text(let text): member(piece.name, text)
      case .count(let count): member(piece.name, count)
      case .number(let number): member(piece.name, number)
      case .list(let items):
        array(piece.name) { json in
          for item in items { json.object { json in json.members(item) } }
        }
      case nil: null(piece.name)
      }
    }
  }

  /// Ports that local clients hold, by destination.
  package mutating func destinations(_ snapshot: Snapshot) {
    array("destinations") { json in
      for use in snapshot.accounts.portUses { json.destination(use, snapshot.settings?.forecast(use)) }
    }
  }

  private mutating func destination(_ use: PortUse, _ forecast: PortForecast?) {
    object { json in
      json.member("address", use.address.description)
      json.member("destination", use.destination.description)
      json.member("ports_used", use.used)
      json.member("time_wait", use.timeWait)
      json.number("ports_limit", forecast.map { Double($0.limit) })
      json.number("share", forecast?.share)
      json.number("closes_per_second", use.closesPerSecond)
      json.number("steady_state", forecast?.steadyState)
      json.number("seconds_to_exhaustion", forecast?.secondsToExhaustion)
      json.number("ceiling_per_second", forecast?.ceilingPerSecond)
      json.member("refused", use.refused)
      json.member("unanswered", use.unanswered)
    }
  }

  private mutating func number(_ key: String, _ value: Double?) {
    if let value { member(key, (value * 1000).rounded() / 1000) } else { null(key) }
  }
}
