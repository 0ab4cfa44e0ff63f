internal import PacketDecoding

/// TLS: the outsides of records are all that shows. Turns of application data are exchanges of HTTP/1.1.
extension Conversation {
  /// - Returns: whether there was nothing but alerts.
  mutating func readTLS(_ octets: RawSpan, from start: Int, _ utterance: Utterance) -> Bool {
    let role = utterance.role
    var offset = start
    if utterance.missing > 0 || utterance.isLate || self[role].stage == .openBody {
      // Lost: records begin where segments begin, now and then.
      guard start == 0, octets.byteCount >= TLSRecord.headerLength, TLSRecordReader.mayBegin(octets) else {
        loseRecords(utterance)
        return false
      }
      self[role].records = TLSRecordReader()
      self[role].stage = .expectsHead
    }
    var saysNothingElse = true
    while true {
      switch self[role].records.next(octets, wireLength: utterance.length, from: &offset) {
      case .record(let record, let body):
        take(record, octets, body, utterance)
        saysNothingElse = saysNothingElse && self[role].endedWithAlert
      case .needsMore: return saysNothingElse && self[role].endedWithAlert
      case .lost:
        self[role].stage = .openBody
        return false
      }
    }
  }

  private mutating func loseRecords(_ utterance: Utterance) {
    self[utterance.role].stage = .openBody
    goOn(utterance.role)
    if facts.sawServerHello { takeTurn(utterance) }
  }

  private mutating func take(_ record: TLSRecord, _ octets: RawSpan, _ body: Int, _ utterance: Utterance) {
    let role = utterance.role
    goOn(role)
    switch record.type {
    case .handshake: if !facts.sawServerHello, let hello = TLSHello(octets, at: body) { note(hello, from: role) }
    case .alert: noteAlert(by: role)
    case .applicationData: takeApplicationData(record, utterance)
    case .changeCipherSpec, .heartbeat: break
    }
  }

  /// What was an alert before was not the last word.
  private mutating func goOn(_ role: Role) {
    guard self[role].endedWithAlert else { return }
    self[role].endedWithAlert = false
    switch role {
    case .client: facts.clientAlertedFirst = false
    case .server: facts.serverAlertedFirst = false
    }
  }

  private mutating func noteAlert(by role: Role) {
    self[role].endedWithAlert = true
    // After a FIN it is an answer.
    guard closed == nil else { return }
    switch role {
    case .client: facts.clientAlertedFirst = !server.endedWithAlert
    case .server: facts.serverAlertedFirst = !client.endedWithAlert
    }
  }

  private mutating func note(_ hello: TLSHello, from role: Role) {
    switch (hello.sender, role) {
    case (.client, .server), (.server, .client): break
    case (.client, .client):
      facts.mayBeHTTP2 = hello.namesHTTP2 || !hello.isWhole && !hello.isPastALPN && !hello.namesHTTP1
    case (.server, .server):
      facts.sawServerHello = true
      facts.isTLS13 = hello.namesTLS13
      // Up to TLS 1.2 the choice shows; in TLS 1.3 it is encrypted.
      if !hello.namesTLS13, hello.isWhole { facts.mayBeHTTP2 = hello.namesHTTP2 }
    }
  }

  /// In TLS 1.3 the rest of the handshake and alerts come as application data, too.
  private mutating func takeApplicationData(_ record: TLSRecord, _ utterance: Utterance) {
    let role = utterance.role
    if facts.isTLS13 {
      if record.length == TLSRecord.encryptedAlertLength {
        noteAlert(by: role)
        return
      }
      if role == .client, !client.sentFinished {
        client.sentFinished = true
        return
      }
    }
    takeTurn(utterance)
  }
}
