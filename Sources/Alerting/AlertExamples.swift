package import PacketDecoding

/// What the connections themselves say of an alert, looked at when it fires.
package struct AlertExamples: Sendable {
  package var samples: [AlertSample] = []
  /// Of those that count: by service and by client address, most first. Empty for what counts events.
  package var services: [AlertEvidence.Share<Endpoint>] = []
  package var peers: [AlertEvidence.Share<IPAddress>] = []

  package init() {}

  /// Most first; equal ones in the order of their addresses.
  package static func services(_ counts: [Endpoint: Int]) -> [AlertEvidence.Share<Endpoint>] {
    AlertEvidence.largest(counts.lazy.map { (AlertSubject.service($0.key), Double($0.value)) }).compactMap {
      subject,
      count in
      subject.service.map { AlertEvidence.Share(subject: $0, count: count) }
    }
  }

  package static func peers(_ counts: [IPAddress: Int]) -> [AlertEvidence.Share<IPAddress>] {
    AlertEvidence.largest(counts.lazy.map { (AlertSubject.peer($0.key), Double($0.value)) }).compactMap {
      subject,
      count in
      guard case .peer(let address) = subject else { return nil }
      return AlertEvidence.Share(subject: address, count: count)
    }
  }
}
