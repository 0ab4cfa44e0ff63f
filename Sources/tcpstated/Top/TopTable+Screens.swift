extension TopTable {
  /// Nil where there is text instead.
  init?(_ screen: TopScreen, _ data: TopData) {
    switch screen {
    case .services: self.init(services: data.status?.overview.services ?? [])
    case .owners: self.init(owners: data.status?.live.owners ?? [])
    case .peers: self.init(peers: data.peers)
    case .destinations: self.init(destinations: data.destinations)
    case .connections(let filter): self.init(connections: data.filter == filter ? data.connections : [], data.status)
    case .connection, .help: return nil
    }
  }

  private init(services: [ServiceLine]) {
    columns = [
      Column(title: "SERVICE"), Column(title: "TW SERVER", isNumber: true), Column(title: "TW CLIENT", isNumber: true),
      Column(title: "CLOSED FIRST"), Column(title: "MAINLY WHY"), Column(title: "OPEN", isNumber: true),
      Column(title: "CONNECTIONS", isNumber: true), Column(title: "OWNER"),
    ]
    rows = services.map { service in
      Row(
        values: [
          Value(service.endpoint, .bold), Value(service.timeWait.server), Value(service.timeWait.client),
          Value(Page.mostlyClosed(service.closedFirst)), Value(service.mainReason),
          Value(service.open), Value(service.connections), Value(service.owner),
        ],
        leadsTo: .connections(filter: "dst \(service.endpoint)")
      )
    }
  }

  private init(owners: [StatusDocument.Owner]) {
    columns = [
      Column(title: "OWNER"), Column(title: "CONNECTIONS", isNumber: true), Column(title: "OPEN", isNumber: true),
      Column(title: "TIME_WAIT", isNumber: true),
    ]
    rows = owners.map { owner in
      Row(
        values: [
          Value(owner.unit ?? "(not known)", .bold), Value(owner.connections), Value(owner.open), Value(owner.timeWait),
        ],
        leadsTo: .connections(filter: "owner \(owner.unit ?? "none")")
      )
    }
  }

  private init(peers: [PeerLine]) {
    columns = [
      Column(title: "CLIENT"), Column(title: "SERVICE"), Column(title: "TIME_WAIT", isNumber: true),
      Column(title: "CLOSED FIRST"), Column(title: "OPEN", isNumber: true),
      Column(title: "CONNECTIONS", isNumber: true), Column(title: "NEW PORTS", isNumber: true),
    ]
    rows = peers.map { peer in
      Row(
        values: [
          Value(peer.address, .bold), Value(peer.service), Value(peer.timeWait.client + peer.timeWait.server),
          Value(Page.mostlyClosed(peer.closedFirst)), Value(peer.open), Value(peer.connections), Value(peer.newPorts),
        ],
        leadsTo: .connections(filter: "src \(peer.address) and dst \(peer.service)")
      )
    }
  }

  private init(destinations: [DestinationLine]) {
    columns = [
      Column(title: "DESTINATION"), Column(title: "FROM"), Column(title: "PORTS", isNumber: true),
      Column(title: "LIMIT", isNumber: true), Column(title: "SHARE", isNumber: true),
      Column(title: "RUN OUT IN", isNumber: true), Column(title: "TIME_WAIT", isNumber: true),
      Column(title: "CLOSED/S", isNumber: true), Column(title: "REFUSED", isNumber: true),
    ]
    rows = destinations.map { line in
      let limit = line.portsLimit.map { Int($0) }
      return Row(
        values: [
          Value(line.destination, .bold), Value(line.address), Value(line.portsUsed), Value(limit),
          Value(limit.map { Figure.share(line.portsUsed, of: $0) }, order: line.share),
          Value(line.secondsToExhaustion.map { Figure.span(seconds: $0) }, order: line.secondsToExhaustion),
          Value(line.timeWait), Value(line.closesPerSecond.map { Int($0.rounded()) }), Value(line.refused),
        ],
        leadsTo: .connections(filter: "dst \(line.destination) and src \(line.address)")
      )
    }
  }

  private init(connections: [ConnectionLine], _ status: StatusDocument?) {
    columns = [
      Column(title: "CLIENT"), Column(title: "SERVER"), Column(title: "AT CLIENT"), Column(title: "AT SERVER"),
      Column(title: "CLOSED 1ST"), Column(title: "CAUSE"), Column(title: "TW LEFT", isNumber: true),
      Column(title: "OWNER"), Column(title: "KIND"), Column(title: "LASTED", isNumber: true),
    ]
    rows = connections.map { line in
      Row(
        values: [
          Value(line.client, .bold), Value(line.server), Value(line.clientState), Value(line.serverState),
          Value(line.closedFirst), Value(line.cause),
          Value(
            line.timeWaitRemainingSeconds.map { Figure.span(seconds: $0.rounded(.up)) },
            order: line.timeWaitRemainingSeconds
          ), Value(line.owner?.unit), Value(line.closeKind),
          Value(line.durationSeconds.map { Figure.span(seconds: $0) }, order: line.durationSeconds),
        ],
        leadsTo: .connection(line)
      )
    }
  }
}

extension ConnectionLine {
  /// Why it closed, as far as that is known.
  var cause: String? { closeCause ?? (causePending == true ? "(pending)" : nil) }
}
