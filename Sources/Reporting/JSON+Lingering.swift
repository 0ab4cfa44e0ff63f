internal import ConnectionTracking
internal import PacketDecoding
package import StateAccounting

/// What waits too long, and what did not get through at once.
extension JSONWriter {
  mutating func handshakes(_ counts: HandshakeCounts) {
    object("handshakes") { json in
      json.member("syn_repeats", counts.synRepeats)
      json.member("syn_ack_repeats", counts.synACKRepeats)
      json.member("syn_ack_repeats_after_ack", counts.synACKRepeatsAfterACK)
      json.member("answered_late", counts.answeredLate)
      json.member("refused", counts.refused)
      json.member("unreachable", counts.unreachable)
      json.member("unanswered", counts.unanswered)
    }
  }

  /// Ends that have waited too long, most first.
  package mutating func lingering(_ accounts: [LingeringAccount]) {
    array("lingering") { json in
      for account in accounts { json.lingering(account) }
    }
  }

  private mutating func lingering(_ account: LingeringAccount) {
    object { json in
      json.member("service", account.service.description)
      json.member("end", account.role.name)
      json.member("state", account.phase.name)
      json.member("side", account.locality.map { "\($0)" })
      json.member("owner", account.owner)
      json.member("count", account.count)
      json.member("orphans", account.orphans)
      json.member("longer_than_seconds", account.phase.patience.value)
      json.member("longest_seconds", account.longest.inMilliseconds)
      json.array("connections") { json in
        for sample in account.samples {
          json.object { json in
            json.member("client", sample.client.description)
            json.member("server", sample.server.description)
            json.member("seconds", sample.waited.inMilliseconds)
          }
        }
      }
    }
  }
}

extension Seconds {
  /// In seconds, to the millisecond.
  fileprivate var inMilliseconds: Double { Double(nanoseconds / 1_000_000) / 1000 }
}
