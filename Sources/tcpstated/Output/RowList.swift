/// A list in an answer of the API.
struct RowList {
  /// The member that it is.
  let name: String
  /// Of CSV, with or without rows. What has other members in each row is one column.
  let columns: [String]

  init(_ name: String, _ columns: [String]) {
    self.name = name
    self.columns = columns
  }

  private static func members(_ name: String, _ members: [String]) -> [String] { members.map { "\(name).\($0)" } }
}

// MARK: What is now

extension RowList {
  static let connections = RowList(
    "connections",
    [
      "id", "community_id", "client_address", "client_port", "server_address", "server_port", "roles", "start", "end",
      "duration_seconds", "client_state", "server_state", "conn_state", "history", "closed_first", "close_kind",
      "evicted", "close_requested_by", "close_cause", "cause_pending", "confidence", "time_wait_side",
      "time_wait_remaining_seconds", "application_protocol", "exchanges", "requests", "pipelined", "upgraded",
      "longest_idle_seconds", "idle_before_close_seconds",
    ] + members("advertised_keep_alive", ["timeout", "max"])
      + members("client_keep_alive_probes", probes) + members("server_keep_alive_probes", probes) + [
        "partial", "client_packets", "server_packets", "client_bytes", "server_bytes", "client_retransmits",
        "server_retransmits",
      ] + members("owner", owner) + members("client_owner", owner)
      + ["provenance", "local_side", "interface", "namespace"]
  )

  private static let probes = ["sent", "unanswered", "interval_seconds"]
  private static let owner = ["unit", "pid", "command", "attribution"]

  static let services = RowList(
    "services",
    ["address", "port", "connections", "open", "owner"] + members("time_wait", ends) + members("closed_first", closers)
      + members("close_kind", ["fin", "rst", "refused", "expired", "reused"])
      + ["close_cause", "close_cause_undecided"]
      + ends.flatMap { members("inferred_idle_timeout.\($0)", ["seconds", "samples"]) }
      + members("handshakes", handshakes) + ends.flatMap { members("states.\($0)", states) }
      + ["exchanges_per_connection", "connection_seconds", "idle_before_close_seconds"].flatMap {
        members($0, ["mean", "p50", "p99"])
      }
  )

  private static let ends = ["client", "server"]
  private static let closers = ["client", "server", "simultaneous", "none"]
  private static let handshakes = [
    "syn_repeats", "syn_ack_repeats", "syn_ack_repeats_after_ack", "answered_late", "refused", "unreachable",
    "unanswered",
  ]
  private static let states = [
    "LISTEN", "SYN_SENT", "SYN_RECEIVED", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING",
    "LAST_ACK", "TIME_WAIT",
  ]

  static let peers = RowList(
    "peers",
    ["address", "service", "connections", "open"] + members("time_wait", ends) + members("closed_first", closers)
      + ["recent_ports", "new_ports"]
  )

  static let destinations = RowList(
    "destinations",
    [
      "address", "destination", "ports_used", "time_wait", "ports_limit", "share", "closes_per_second", "steady_state",
      "seconds_to_exhaustion", "ceiling_per_second", "refused", "unanswered",
    ]
  )

  static let alerts = RowList(
    "alerts",
    [
      "id", "name", "metric", "state", "severity", "labels", "value", "raise", "clear", "since", "fired_at",
      "resolved_at", "summary",
    ] + members("evidence", ["services", "owners", "peers", "findings"]) + members("evidence.closed_first", closers)
      + members("evidence", ["close_cause", "owner", "exchanges_per_connection", "trend", "samples"])
      + ["capture", "silenced_by"]
  )

  static let findings = RowList("findings", finding)
  private static let finding = ["id", "severity", "summary", "evidence", "advice"]

  static let silences = RowList("silences", ["id", "matchers", "comment", "created_at", "ends_at", "alerts"])
}

// MARK: What was

extension RowList {
  static let samples = RowList("samples", ["time"] + figures)
  static let pastServices = RowList("services", ["service"] + figures + ["close_cause"])
  static let pastPorts = RowList("samples", ["time"] + ports)
  static let pastDestinations = RowList("destinations", ports)
  static let pastCauses = RowList("causes", ["cause", "count"])
  static let pastFindings = RowList("findings", ["first", "last"] + finding)

  private static let figures =
    members("time_wait", ["local", "remote", "transit", "client", "server"]) + ["open", "opened", "closed"]
    + members("closed_first", ["client", "server", "simultaneous"])
  private static let ports = [
    "address", "destination", "ports_used", "ports_held", "time_wait", "refused", "unanswered",
  ]
}
