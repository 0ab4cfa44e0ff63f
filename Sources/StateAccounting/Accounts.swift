package import ConnectionTracking
package import PacketDecoding

/// What accounting knows, copied out once per tick. A value: it can be added to that of another worker.
package struct Accounts: Sendable {
  /// Every connection ever seen, evicted and kernel-seeded ones too.
  package var connections = 0
  /// Connections with no end yet (`CloseKind.none`).
  package var open = 0
  package var closedFirst = Counts<ClosedFirst>()
  /// `.none` counts the open ones.
  package var closeKind = Counts<CloseKind>()
  /// Ends in the table by state, per role. Ends that closed are not in it.
  package var client = PhaseCounts()
  package var server = PhaseCounts()
  /// The same ends by where they live; all zero when nobody said what is local.
  package var local = PhaseCounts()
  package var remote = PhaseCounts()
  package var transit = PhaseCounts()
  /// Local ends by number of the network namespace, without the daemon's own (0); no further than the highest that had
  /// one.
  package var localByNamespace: [PhaseCounts] = []
  /// Highest per-second sample of the whole.
  package var peakTimeWaitClient = 0
  package var peakTimeWaitServer = 0
  /// Sorted by ends in TIME_WAIT, most first.
  package var services: [ServiceAccount] = []
  /// The busiest clients, sorted by ends in TIME_WAIT and then by connections; bounded.
  package var peers: [PeerAccount] = []

  package init() {}

  package subscript(locality: Locality) -> PhaseCounts {
    switch locality {
    case .local: local
    case .remote: remote
    case .transit: transit
    }
  }
}

/// What is known of one service: the server's address and port.
package struct ServiceAccount: Sendable {
  package let service: Endpoint
  /// In the order of first sight, from 1; 0 is the account that all share which came too late for one.
  package let number: Int
  /// Where the service runs; nil when nobody said what is local.
  package var locality: Locality?
  package var connections = 0
  package var open = 0
  package var closedFirst = Counts<ClosedFirst>()
  package var closeKind = Counts<CloseKind>()
  package var client = PhaseCounts()
  package var server = PhaseCounts()
  package var local = PhaseCounts()
  package var remote = PhaseCounts()
  package var transit = PhaseCounts()
  /// Closed connections by who closed first and how.
  package var closed: [CloseVerdict: Int] = [:]
  package var histograms = ServiceHistograms()

  package init(service: Endpoint, number: Int = 0, locality: Locality? = nil) {
    self.service = service
    self.number = number
    self.locality = locality
  }

  package subscript(locality: Locality) -> PhaseCounts {
    switch locality {
    case .local: local
    case .remote: remote
    case .transit: transit
    }
  }
}

package struct CloseVerdict: Hashable, Sendable {
  package var closedFirst: ClosedFirst
  package var kind: CloseKind

  package init(closedFirst: ClosedFirst, kind: CloseKind) {
    self.closedFirst = closedFirst
    self.kind = kind
  }
}

/// One client address as seen by one service.
package struct PeerAccount: Sendable {
  package let address: IPAddress
  package let service: Endpoint
  package var connections = 0
  package var open = 0
  /// Ends in TIME_WAIT of its connections, by role.
  package var timeWaitClient = 0
  package var timeWaitServer = 0
  package var closedFirst = Counts<ClosedFirst>()
  /// The client's most recent source ports, newest first: a new one each time means no reuse.
  package var recentPorts: [UInt16] = []
  /// Connections whose source port differed from the one before.
  package var newPorts = 0

  package init(address: IPAddress, service: Endpoint) {
    self.address = address
    self.service = service
  }
}
