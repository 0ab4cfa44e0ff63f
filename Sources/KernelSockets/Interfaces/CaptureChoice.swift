/// Which interfaces to capture from.
package enum CaptureChoice {
  /// - Parameters:
  ///   - named: what the configuration names; empty: those with an address.
  ///   - rewritesOnBridges: netfilter works on what a bridge forwards, so that the bridge itself shows some packets
  ///     after their addresses were translated, and their answers before. Its ports show all as they are on the wire.
  package static func names(
    named: [String],
    of interfaces: [NetworkInterface],
    rewritesOnBridges: Bool
  ) -> [String] {
    let chosen = named.isEmpty ? interfaces.filter(\.isCapturedByDefault).map(\.name) : named
    guard rewritesOnBridges else { return chosen }
    var names: [String] = []
    for name in chosen {
      let ports = ports(of: name, interfaces)
      for name in ports ?? [name] where !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// The names of a bridge's ports that are up; nil for what is no bridge, or has none.
  package static func ports(of name: String, _ interfaces: [NetworkInterface]) -> [String]? {
    guard let bridge = interfaces.first(where: { $0.name == name && $0.isBridge }) else { return nil }
    let ports = interfaces.filter { $0.master == bridge.index && $0.isUp }.map(\.name)
    return ports.isEmpty ? nil : ports
  }
}
