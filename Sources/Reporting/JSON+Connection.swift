internal import CloseDiagnosis
internal import ConnectionTracking
package import Monitoring
internal import PacketDecoding

extension JSONWriter {
  /// A connection, as the API and `analyze --format jsonl` show it.
  package mutating func connection(_ key: String? = nil, _ record: ConnectionRecord) {
    object(key) { json in json.members(record) }
  }

  /// The same as a daemon lists it, with a name to ask for it again.
  package mutating func listed(_ record: ConnectionRecord, id: String, _ includesSegments: Bool) {
    object(nil) { json in
      json.member("id", id)
      json.members(record)
      if includesSegments { json.sequence(record) }
    }
  }

  private mutating func members(_ record: ConnectionRecord) {
    member("community_id", CommunityID.text(client: record.client, server: record.server))
    member("client_address", record.client.address.description)
    member("client_port", record.client.port)
    member("server_address", record.server.address.description)
    member("server_port", record.server.port)
    member("roles", record.rolesObserved ? "observed" : "inferred")
    times(record)
    verdicts(record)
    counters(record)
    owner("owner", record.owner)
    owner("client_owner", record.clientOwner)
    member("provenance", record.fromKernel ? "kernel" : "wire")
    member("local_side", record.localSide.name)
    member("interface", record.interface)
    if let namespace = record.namespace { member("namespace", namespace) }
  }

  private mutating func owner(_ key: String, _ owner: OwnerRecord?) {
    guard let owner else { return null(key) }
    object(key) { json in
      json.member("unit", owner.unit)
      if let process = owner.process {
        json.member("pid", Int(process.pid))
        json.member("command", process.command)
      } else {
        json.null("pid")
        json.null("command")
      }
      json.member("attribution", "\(owner.attribution)")
    }
  }

  private mutating func times(_ record: ConnectionRecord) {
    member("start", record.start?.description)
    member("end", record.end?.description)
    guard let start = record.start, let end = record.end else {
      null("duration_seconds")
      return
    }
    // Microseconds, as `start` and `end` are.
    let microseconds = end.nanoseconds / 1000 - start.nanoseconds / 1000
    member("duration_seconds", Double(microseconds) / 1e6)
  }

  private mutating func verdicts(_ record: ConnectionRecord) {
    member("client_state", record.clientPhase.name)
    member("server_state", record.serverPhase.name)
    member("conn_state", record.connState)
    member("history", record.history)
    member("closed_first", record.closedFirst.name)
    member("close_kind", record.closeKind.name)
    member("evicted", record.evicted)
    member("close_requested_by", record.closeRequestedBy.map { $0 == .client ? "client" : "server" })
    member("close_cause", record.closeCause?.cause.name)
    member("cause_pending", record.causePending)
    member("confidence", record.closeCause?.confidence)
    member("time_wait_side", record.timeWaitSide)
    member("time_wait_remaining_seconds", record.timeWaitRemaining?.value)
    conversation(record.conversation)
  }

  private mutating func counters(_ record: ConnectionRecord) {
    member("partial", record.isPartial)
    for (name, count) in [("packets", \EndCounters.packets), ("bytes", \.bytes), ("retransmits", \.retransmits)] {
      for (role, counters) in [("client", record.clientCounters), ("server", record.serverCounters)] {
        if record.isPartial { null("\(role)_\(name)") } else { member("\(role)_\(name)", counters[keyPath: count]) }
      }
    }
  }
}

extension ConnectionRecord {
  /// Who holds, or held, TIME_WAIT.
  package var timeWaitSide: String? {
    switch (clientHeldTimeWait, serverHeldTimeWait) {
    case (true, true): "both"
    case (true, false): "client"
    case (false, true): "server"
    case (false, false): nil
    }
  }
}
