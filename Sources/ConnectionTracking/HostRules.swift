/// What the kernel of one network namespace says: the daemon's own is number 0, and the only one for a file.
package struct HostRules: Sendable {
  package var localAddresses = LocalAddresses.unknown
  /// `tcp_rfc1337`: an RST does not end a TIME_WAIT of its own.
  package var protectsTimeWait = false
  /// It passes packets on: its addresses may be on connections that are not its own.
  package var forwards = false
  /// The ports that connect(2) picks from; nil when nobody said.
  package var ephemeralPorts: ClosedRange<UInt16>?
  package var listeners = Listeners()

  package init() {}
}

extension TrackerSettings {
  /// Those of the daemon's own namespace.
  package var localAddresses: LocalAddresses {
    get { hosts[0].localAddresses }
    set { hosts[0].localAddresses = newValue }
  }
  package var protectsTimeWait: Bool {
    get { hosts[0].protectsTimeWait }
    set { hosts[0].protectsTimeWait = newValue }
  }

  /// The namespace that an interface is in.
  @inline(__always)
  package func namespace(ofInterface number: UInt8) -> UInt8 {
    isAlone ? 0 : interfaceNamespaces[Int(number)]
  }

  /// A number that was never placed is the daemon's own namespace.
  func host(_ namespace: UInt8) -> HostRules {
    Int(namespace) < hosts.count ? hosts[Int(namespace)] : hosts[0]
  }

  package mutating func place(interface number: UInt8, in namespace: UInt8) {
    change(namespace) { _ in }
    interfaceNamespaces[Int(number)] = namespace
  }

  package mutating func change(_ namespace: UInt8, _ body: (inout HostRules) -> Void) {
    while hosts.count <= Int(namespace) { hosts.append(HostRules()) }
    isAlone = hosts.count == 1
    body(&hosts[Int(namespace)])
  }
}
