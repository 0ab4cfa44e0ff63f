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
  /// What services had counted whose account was given back, by locality: no total forgets it.
  package var past: [ServiceAccount] = []
  /// The busiest clients, sorted by ends in TIME_WAIT and then by connections; bounded.
  package var peers: [PeerAccount] = []
  /// Who holds local ends, sorted by those in TIME_WAIT; the unknown owner is number 0.
  package var owners: [OwnerAccount] = []
  /// Of local clients, most ports first; bounded.
  package var portUses: [PortUse] = []
  /// Handshakes that did not go through at once.
  package var handshakes = HandshakeCounts()
  /// Ends that have waited too long, most first; bounded.
  package var lingering: [LingeringAccount] = []
  /// Ends that have waited longer than ages that were asked for; nil before the table was looked through for them.
  package var aged: AgedAccounts?

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
  /// 0 is the account that all share which have none of their own. Another's may be given to a new one when it has long
  /// been quiet.
  package let number: Int
  /// Where the service runs; nil when nobody said what is local.
  package var locality: Locality?
  package var connections = 0
  package var open = 0
  package var closedFirst = Counts<ClosedFirst>()
  package var closeKind = Counts<CloseKind>()
  /// Filled when it is read.
  package var client = PhaseCounts()
  package var server = PhaseCounts()
  package var local = PhaseCounts()
  package var remote = PhaseCounts()
  package var transit = PhaseCounts()
  var ends = EndCells()
  var closes = CloseCounts()
  package var histograms = ServiceHistograms()
  package var handshakes = HandshakeCounts()
  /// Who held the end of this host of which that was learned last, the server's where both are; 0 for nobody known.
  package var ownerNumber: UInt16 = 0
  /// Its name.
  package var owner: String?

  /// It has a name of its own in metrics, and keeps it.
  package internal(set) var hasLabel = false
  /// Connections that were counted as new in another account.
  var takenOver = 0
  var quiet = QuietSpan()

  /// Connections that were new to this account: a counter that never goes back.
  package var opened: Int { connections - takenOver }

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

  /// Closed connections by who closed first and how; those that there were.
  package var closed: [CloseVerdict: Int] {
    get { closes.byVerdict }
    set { closes = CloseCounts(newValue) }
  }
}

/// Connections by verdict, without hashing.
struct CloseCounts: Sendable {
  private var cells = InlineArray<32, Int>(repeating: 0)

  init() {}

  init(_ counts: [CloseVerdict: Int]) {
    for (verdict, count) in counts { cells[Self.place(verdict)] = count }
  }

  @inline(__always)
  mutating func note(_ verdict: CloseVerdict, count: Int = 1) { cells[Self.place(verdict) & 31] &+= count }

  mutating func add(_ other: CloseCounts) {
    for place in cells.indices { cells[place] += other.cells[place] }
  }

  var byVerdict: [CloseVerdict: Int] {
    var counts: [CloseVerdict: Int] = [:]
    for first in ClosedFirst.allCases {
      for kind in CloseKind.allCases {
        let verdict = CloseVerdict(closedFirst: first, kind: kind)
        if cells[Self.place(verdict)] > 0 { counts[verdict] = cells[Self.place(verdict)] }
      }
    }
    return counts
  }

  private static func place(_ verdict: CloseVerdict) -> Int {
    Int(verdict.closedFirst.rawValue) << 3 | Int(verdict.kind.rawValue)
  }
}

/// What is known of one owner of sockets: a unit or a container.
package struct OwnerAccount: Sendable {
  package let number: UInt16
  /// Nil for what nobody is known to hold.
  package var unit: String?
  /// Connections of which it holds, or held, an end; those with no end yet.
  package var connections = 0
  package var open = 0
  /// Its ends.
  package var local = PhaseCounts()

  package init(number: UInt16, unit: String? = nil) {
    self.number = number
    self.unit = unit
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

/// One client address as seen by one service. Three cache lines long.
package struct PeerAccount: Sendable {
  // What moves of connections touch, as a rule.
  package var open = 0
  /// Ends in TIME_WAIT of its connections, by role.
  package var timeWaitClient = 0
  package var timeWaitServer = 0
  private var closers = InlineArray<4, Int>(repeating: 0)
  /// Client ends with a socket here, those in TIME_WAIT apart.
  package var localHeld = 0
  // What each new connection touches, too.
  package var localTimeWait = 0
  package let address: IPAddress
  let serviceNumber: UInt32
  private var portCount: UInt8 = 0
  package var connections = 0
  /// Connections whose source port differed from the one before.
  package var newPorts = 0
  /// The newest in the lowest octets.
  private var ports = (UInt64(0), UInt64(0))
  // The rest.
  package let service: Endpoint
  /// TIME_WAITs of client ends here that began.
  package var localCloses = 0
  package var refused = 0
  package var unanswered = 0
  var quiet = QuietSpan()

  package init(address: IPAddress, service: Endpoint) {
    self.init(address: address, service: service, serviceNumber: 0)
  }

  init(address: IPAddress, service: Endpoint, serviceNumber: UInt32) {
    self.address = address
    self.service = service
    self.serviceNumber = serviceNumber
  }

  @inline(__always)
  func belongs(_ address: IPAddress, _ service: UInt32) -> Bool {
    self.address == address && serviceNumber == service
  }

  package var closedFirst: Counts<ClosedFirst> {
    get {
      var counts = Counts<ClosedFirst>()
      for closer in ClosedFirst.allCases { counts[closer] = closers[Int(closer.rawValue)] }
      return counts
    }
    set {
      for closer in ClosedFirst.allCases { closers[Int(closer.rawValue)] = newValue[closer] }
    }
  }

  @inline(__always)
  mutating func post(_ closer: ClosedFirst, _ amount: Int) { closers[Int(closer.rawValue & 3)] &+= amount }

  /// The client's most recent source ports, newest first: a new one each time means no reuse.
  package var recentPorts: [UInt16] {
    (0..<Int(portCount)).map { place in
      UInt16(truncatingIfNeeded: (place < 4 ? ports.0 : ports.1) >> UInt64(place % 4 * 16))
    }
  }

  @inline(__always)
  package mutating func note(port: UInt16) { portNotes.note(port) }

  /// A copy, for where some follow each other: in memory each would wait for the one before.
  var portNotes: PortNotes {
    @inline(__always) get { PortNotes(count: portCount, new: newPorts, ports: ports) }
    @inline(__always) set { (portCount, newPorts, ports) = (newValue.count, newValue.new, newValue.ports) }
  }

  struct PortNotes {
    fileprivate var count: UInt8
    fileprivate var new: Int
    fileprivate var ports: (UInt64, UInt64)

    private static let limit: UInt8 = 8

    @inline(__always)
    mutating func note(_ port: UInt16) {
      if count == 0 || UInt16(truncatingIfNeeded: ports.0) != port { new &+= 1 }
      if count < Self.limit { count &+= 1 }
      ports = (ports.0 << 16 | UInt64(port), ports.1 << 16 | ports.0 >> 48)
    }
  }
}
