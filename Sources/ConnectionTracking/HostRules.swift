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
    get { home.localAddresses }
    set { home.localAddresses = newValue }
  }
  package var protectsTimeWait: Bool {
    get { home.protectsTimeWait }
    set { home.protectsTimeWait = newValue }
  }

  /// The namespace that an interface is in.
  @inline(__always)
  package func namespace(ofInterface number: UInt8) -> UInt8 {
    others.isEmpty ? 0 : interfaceNamespaces[Int(number)]
  }

  /// Lends the rules of a namespace: a copy would count references, and each new connection asks for them. A number
  /// that was never placed is the daemon's own namespace.
  @inline(__always)
  func withHost<Result>(_ namespace: UInt8, _ body: (borrowing HostRules) -> Result) -> Result {
    let place = Int(namespace) - 1
    return others.indices.contains(place) ? body(others[place]) : body(home)
  }

  package mutating func place(interface number: UInt8, in namespace: UInt8) {
    change(namespace) { _ in }
    interfaceNamespaces[Int(number)] = namespace
  }

  package mutating func change(_ namespace: UInt8, _ body: (inout HostRules) -> Void) {
    guard namespace > 0 else { return body(&home) }
    while others.count < Int(namespace) { others.append(HostRules()) }
    body(&others[Int(namespace) - 1])
  }
}
