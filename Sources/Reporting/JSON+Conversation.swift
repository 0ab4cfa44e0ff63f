internal import ConnectionTracking
internal import Monitoring
internal import PacketDecoding

extension JSONWriter {
  private static let conversationKeys = [
    "application_protocol", "exchanges", "requests", "pipelined", "upgraded", "longest_idle_seconds",
    "idle_before_close_seconds", "advertised_keep_alive", "client_keep_alive_probes", "server_keep_alive_probes",
  ]

  mutating func conversation(_ record: ConversationRecord) {
    guard record.isKnown else {
      for key in Self.conversationKeys { null(key) }
      return
    }
    member("application_protocol", record.kind.name)
    optional("exchanges", record.exchanges)
    optional("requests", record.requests)
    member("pipelined", record.isPipelined)
    member("upgraded", record.isUpgraded)
    member("longest_idle_seconds", record.longestGap.value)
    member("idle_before_close_seconds", record.idleBeforeClose?.value)
    object("advertised_keep_alive") { json in
      json.optional("timeout", record.advertisedTimeout)
      json.optional("max", record.advertisedMaximum)
    }
    probes("client_keep_alive_probes", record.clientProbes)
    probes("server_keep_alive_probes", record.serverProbes)
  }

  private mutating func probes(_ key: String, _ probes: KeepAliveProbes) {
    object(key) { json in
      json.member("sent", probes.count)
      json.member("unanswered", probes.unanswered)
      json.member("interval_seconds", probes.count > 0 ? probes.interval.value : nil)
    }
  }

  private mutating func optional(_ key: String, _ value: (some BinaryInteger)?) {
    if let value { member(key, value) } else { null(key) }
  }
}

extension Conversation.Kind {
  /// In JSON; nil is null.
  package var name: String? {
    switch self {
    case .unknown: nil
    case .http1: "http/1"
    case .http2: "h2c"
    case .tls: "tls"
    case .other: "other"
    case .notCaptured: "not_captured"
    }
  }
}
