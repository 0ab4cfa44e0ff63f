package import Alerting
internal import ConnectionTracking
internal import PacketDecoding
internal import StateAccounting

extension JSONWriter {
  package mutating func alerts(_ alerts: [AlertStatus]) {
    array("alerts") { json in
      for alert in alerts { json.alert(nil, alert) }
    }
  }

  package mutating func alert(_ key: String?, _ alert: AlertStatus) {
    object(key) { json in
      json.member("id", alert.id)
      json.member("name", alert.name)
      json.member("metric", alert.metric)
      json.member("state", alert.state.rawValue)
      json.member("severity", alert.severity.rawValue)
      json.object("labels") { json in
        for label in alert.labels { json.member(label.name, label.value) }
      }
      json.member("value", alert.value)
      json.member("raise", alert.raise)
      json.member("clear", alert.clear)
      json.member("since", alert.since.description)
      json.member("fired_at", alert.firedAt?.description)
      json.member("resolved_at", alert.resolvedAt?.description)
      json.member("summary", alert.summary)
      json.evidence(alert.evidence)
      json.member("capture", alert.capture)
      json.member("silenced_by", alert.silencedBy)
    }
  }

  private mutating func evidence(_ evidence: AlertEvidence) {
    object("evidence") { json in
      json.array("services") { json in
        for share in evidence.services {
          json.object { json in
            json.member("service", share.subject.description)
            json.member("count", share.count)
          }
        }
      }
      json.array("owners") { json in
        for share in evidence.owners {
          json.object { json in
            json.member("unit", share.subject)
            json.member("count", share.count)
          }
        }
      }
      json.array("peers") { json in
        for share in evidence.peers {
          json.object { json in
            json.member("address", share.subject.description)
            json.member("count", share.count)
          }
        }
      }
      json.findings(evidence.findings)
      json.closers("closed_first", evidence.closedFirst)
      json.causes("close_cause", evidence.causes)
      json.member("owner", evidence.owner)
      json.member("exchanges_per_connection", evidence.exchangesPerConnection)
      json.array("trend") { json in
        for point in evidence.trend {
          json.object { json in
            json.member("seconds_before", point.before.value)
            json.member("value", point.value)
          }
        }
      }
      json.array("samples") { json in
        for sample in evidence.samples { json.sample(sample) }
      }
    }
  }

  private mutating func sample(_ sample: AlertSample) {
    object { json in
      json.member("client", sample.client.description)
      json.member("server", sample.server.description)
      json.member("client_state", sample.clientPhase.name)
      json.member("server_state", sample.serverPhase.name)
      json.member("start", sample.start?.description)
      json.member("closed_first", sample.closedFirst.name)
    }
  }
}

extension JSONWriter {
  /// What is watched for, whether it is so or not.
  mutating func rules(_ rules: [AlertRule]) {
    array("alert_rules") { json in
      for rule in rules {
        json.object { json in
          json.member("name", rule.name)
          json.member("metric", rule.metric.rawValue)
          json.member("side", rule.side.rawValue)
          json.member("by", rule.by.rawValue)
          json.member("older_than_seconds", rule.olderThan > .zero ? rule.olderThan.value : nil)
          json.member("raise", rule.raise)
          json.member("clear", rule.clear)
          json.member("severity", rule.severity.rawValue)
        }
      }
    }
  }
}
