package import ConnectionTracking
package import PacketDecoding

/// The service that findings are about, with what accounting knows of it.
package struct FindingSubject: Sendable {
  package var service: Endpoint
  /// Where the service runs; nil when nobody said what is local.
  package var locality: Locality?
  /// Who holds this host's end.
  package var owner: String?
  package var clientTimeWait = 0
  package var serverTimeWait = 0
  /// Connections that did not come to be, for want of an answer: why they ended is known.
  package var unanswered = 0
  /// Mean of the connections that ended.
  package var exchangesPerConnection: Double?

  package init(_ service: Endpoint) {
    self.service = service
  }

  /// The program at hand whose settings a remedy names; nil when it is not known.
  func program(for place: Remedy.Place) -> Product? {
    switch (place, locality) {
    case (.server, .local), (.client, .remote): Product(owner: owner)
    default: nil
    }
  }

  func advice(_ remedies: Remedy...) -> String {
    remedies.map { $0.text(for: program(for: $0.place), atMost: Remedy.briefly) }.joined(separator: " ")
  }

  /// `; the client holds 300 TIME_WAIT`, for whoever closes first pays.
  var whoPays: String {
    let (count, holder) =
      clientTimeWait > serverTimeWait ? (clientTimeWait, "client") : (serverTimeWait, "server")
    return count > 0 ? "; the \(holder) holds \(count) TIME_WAIT for it" : ""
  }

  /// Evidence that all findings of a service have.
  var evidence: [Finding.Evidence] {
    [
      Finding.Evidence("service", .text(service.description)),
      Finding.Evidence("owner", owner.map { .text($0) }),
      Finding.Evidence("side", locality.map { .text("\($0)") }),
    ]
  }
}

extension FindingSubject {
  /// What to do about a listener's queue.
  package var backlogAdvice: String { advice(.enlargeBacklog) }
  package static var backlogAdvice: String { Remedy.enlargeBacklog.text(atMost: Remedy.briefly) }
}
