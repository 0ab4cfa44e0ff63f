internal import PacketDecoding

/// TLS: the outsides of records are all that shows. Turns of application data are exchanges of HTTP/1.1.
extension Talk {
  /// - Returns: whether there was nothing but alerts.
  @inline(never)
  func readTLS(_ octets: RawSpan, from start: Int, _ utterance: Utterance) -> Bool {
    var offset = start
    if utterance.missing > 0 || utterance.isLate || own.stage == .openBody {
      // Lost: records begin where segments begin, now and then.
      guard start == 0, octets.byteCount >= TLSRecord.headerLength, TLSRecordReader.mayBegin(octets) else {
        loseRecords(utterance)
        return false
      }
      own.records = TLSRecordReader()
      own.stage = .expectsHead
    }
    var saysNothingElse = true
    while true {
      switch own.records.next(octets, wireLength: utterance.length, from: &offset) {
      case .record(let record, let body):
        take(record, octets, body, utterance)
        saysNothingElse = saysNothingElse && own.endedWithAlert
      case .needsMore: return saysNothingElse && own.endedWithAlert
      case .lost:
        own.stage = .openBody
        return false
      }
    }
  }

  private func loseRecords(_ utterance: Utterance) {
    own.stage = .openBody
    goOn()
    if facts.sawServerHello { takeTurn(utterance) }
  }

  private func take(_ record: TLSRecord, _ octets: RawSpan, _ body: Int, _ utterance: Utterance) {
    goOn()
    switch record.type {
    case .handshake: if !facts.sawServerHello, let hello = TLSHello(octets, at: body) { note(hello) }
    case .alert: noteAlert()
    case .applicationData: takeApplicationData(record, utterance)
    case .changeCipherSpec, .heartbeat: break
    }
  }

  /// What was an alert before was not the last word.
  private func goOn() {
    guard own.endedWithAlert else { return }
    own.endedWithAlert = false
    switch role {
    case .client: facts.clientAlertedFirst = false
    case .server: facts.serverAlertedFirst = false
    }
  }

  private func noteAlert() {
    own.endedWithAlert = true
    // After a FIN it is an answer.
    guard closing.particulars.closed == nil else { return }
    switch role {
    case .client: facts.clientAlertedFirst = !server.endedWithAlert
    case .server: facts.serverAlertedFirst = !client.endedWithAlert
    }
  }

  private func note(_ hello: TLSHello) {
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
  private func takeApplicationData(_ record: TLSRecord, _ utterance: Utterance) {
    if facts.isTLS13 {
      if record.length == TLSRecord.encryptedAlertLength {
        noteAlert()
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
