package import PacketDecoding

/// What the kernel knows of a local end: an entry of its socket table.
package struct SocketEntry: Hashable, Sendable, BitwiseCopyable {
  package var local: Endpoint
  package var remote: Endpoint
  package var phase: Phase
  /// When a timer takes the entry away: in TIME_WAIT, and in a FIN_WAIT_2 that no process holds open.
  package var expiry: Instant?
  /// Which part the local end has; nil when no listener tells.
  package var role: Role?
  /// Who holds it, or held it.
  package var ownership = Ownership.unknown

  package init(local: Endpoint, remote: Endpoint, phase: Phase, expiry: Instant? = nil, role: Role? = nil) {
    self.local = local
    self.remote = remote
    self.phase = phase
    self.expiry = expiry
    self.role = role
  }
}

/// A local end that should have a socket, by its addresses.
package struct SocketName: Hashable, Sendable, BitwiseCopyable {
  package var local: Endpoint
  package var remote: Endpoint
  /// The network namespace that it is in.
  package var namespace: UInt8

  package init(local: Endpoint, remote: Endpoint, namespace: UInt8 = 0) {
    self.local = local
    self.remote = remote
    self.namespace = namespace
  }
}

/// A local end that a reading of the kernel's table lacked.
package struct MissingSocket: Hashable, Sendable, BitwiseCopyable {
  package var name: SocketName
  package var phase: Phase

  package init(name: SocketName, phase: Phase) {
    self.name = name
    self.phase = phase
  }
}

/// What became of an end whose socket the kernel does not have.
package enum AbsenceFinding: UInt8, Sendable {
  /// It moved on meanwhile, or is gone already.
  case known
  /// Not sure yet.
  case suspected
  case ended
  /// It never had a socket here: its address is of this host, and the connection is not.
  case transit
}

/// One reading of the kernel's socket table. It takes a while, and traffic goes on meanwhile.
package struct TableReading: Sendable, BitwiseCopyable {
  /// Tells a reading from the ones before; never 0.
  package var number: UInt16
  /// When it began: what has sent or received since may have changed after it was read.
  package var began: Instant
  /// The network namespace whose table it is.
  package var namespace: UInt8

  /// What it tells of was there before the tracker.
  var isFirst: Bool { number == 1 }

  package init(number: UInt16, began: Instant, namespace: UInt8 = 0) {
    self.number = number
    self.began = began
    self.namespace = namespace
  }
}

/// What an entry of the kernel's table was worth.
package enum TableFinding: UInt8, CaseIterable, Sendable {
  case agrees
  /// The connection was not known.
  case adopted
  /// It was in another state.
  case corrected
  /// It had traffic since the reading began: which of the two is newer nobody knows.
  case tooRecent
  /// Its time is up, and it only waits for the kernel's timer.
  case expired
}

extension Phase {
  /// What the peer's state must be, as far as the packets tell that led to this one.
  var likelyPeer: Phase {
    switch self {
    case .closed, .timeWait: .closed
    case .listen: .synSent
    case .synSent: .listen
    case .synReceived: .synSent
    case .established: .established
    case .finWait1, .finWait2: .closeWait
    case .closeWait: .finWait2
    case .closing: .closing
    case .lastAck: .timeWait
    }
  }

  /// Whether its end has sent a FIN.
  var hasSentFIN: Bool {
    switch self {
    case .finWait1, .finWait2, .closing, .lastAck, .timeWait: true
    case .closed, .listen, .synSent, .synReceived, .established, .closeWait: false
    }
  }

  /// Whether its end has a FIN acknowledged.
  var hasFINAcknowledged: Bool { self == .finWait2 || self == .timeWait }

  /// Whether a socket in it may go without a packet: a connect that is given up, an orphan that gives up.
  var endsSilently: Bool {
    switch self {
    case .synSent, .synReceived, .finWait1, .finWait2, .closing, .lastAck: true
    case .closed, .listen, .established, .closeWait, .timeWait: false
    }
  }

  /// Whether the kernel of its end keeps a socket for it.
  var hasSocket: Bool { self != .closed && self != .listen }
}
