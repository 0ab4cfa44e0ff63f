package import CloseDiagnosis
internal import PacketDecoding

extension JSONWriter {
  package mutating func findings(_ findings: [Finding]) {
    array("findings") { json in
      for finding in findings { json.finding(finding) }
    }
  }

  private mutating func finding(_ finding: Finding) {
    object { json in
      json.member("id", finding.id.rawValue)
      json.member("severity", finding.severity.rawValue)
      json.member("summary", finding.summary)
      json.object("evidence") { json in
        json.member("service", finding.service.description)
        json.member("server_idle_timeout_seconds", finding.serverTimeout?.value.value)
        json.member("server_samples", finding.serverTimeout?.samples ?? 0)
        json.member("client_idle_limit_seconds", finding.clientLimit?.value)
        json.member("reuse_races", finding.races)
      }
      json.member("advice", finding.advice)
    }
  }
}
