package import Alerting
package import FlightRecorder
package import PacketDecoding

/// Which packets of the recorder are wanted.
package struct RecordingFilter: Sendable {
  /// One end is one of these; empty for all.
  package var services: [Endpoint] = []
  /// One end has one of these addresses; empty for all.
  package var addresses: [IPAddress] = []

  package init() {}

  /// The packets that an alert is about; of what has neither service nor peer, all.
  package init(of alert: AlertStatus) {
    if case .peer(let address) = alert.subject {
      addresses = [address]
    } else {
      services = alert.subject.service.map { [$0] } ?? alert.evidence.services.map(\.subject)
    }
  }

  /// What the language of listings says of addresses and ports; nil for all.
  package var expression: ConnectionFilter?

  func matches(_ segment: borrowing Segment) -> Bool {
    let (source, destination) = (segment.source, segment.destination)
    if let expression {
      // A packet alone does not tell who the client is.
      let sent = ConnectionRecord(serial: 0, client: source, server: destination)
      let answered = ConnectionRecord(serial: 0, client: destination, server: source)
      guard expression.matches(sent) || expression.matches(answered) else { return false }
    }
    return (services.isEmpty || services.contains { $0 == source || $0 == destination })
      && (addresses.isEmpty || addresses.contains { $0 == source.address || $0 == destination.address })
  }
}

/// What is asked of the recorder by hand.
package struct RecordingQuery: Sendable {
  /// How far back.
  package var last: Seconds
  package var filter = RecordingFilter()

  package init(last: Seconds) {
    self.last = last
  }
}

extension Monitor {
  /// Writes what was recorded from `start` on.
  ///
  /// - Parameter decoders: by number of the interface.
  package func write(
    to file: inout PcapngWriter,
    since start: Timestamp,
    _ filter: RecordingFilter,
    decoders: [FrameDecoder?]
  ) {
    var segment = Segment(
      source: Endpoint(address: IPAddress(ipv4: 0), port: 0),
      destination: Endpoint(address: IPAddress(ipv4: 0), port: 0),
      sequence: SequenceNumber(0),
      flags: TCPFlags(rawValue: 0)
    )
    recorder.forEach(since: start) { octets, frame in
      guard Int(frame.interface) < decoders.count, let decoder = decoders[Int(frame.interface)],
        let content = try? decoder.decode(octets, wireLength: frame.wireLength, into: &segment),
        case .segment = content, filter.matches(segment)
      else { return }
      file.add(octets, frame)
    }
  }
}
