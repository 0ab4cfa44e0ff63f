internal import CLinux
package import PacketDecoding

/// An interface of this network namespace.
package struct NetworkInterface: Hashable, Sendable {
  package let index: UInt32
  /// As the kernel has it: not escaped.
  package let name: String
  package let isUp: Bool
  package let isLoopback: Bool
  package var addresses: [IPAddress] = []
  package var isBridge = false
  /// The index of the bridge or bond that it is a port of; 0 for none.
  package var master: UInt32 = 0

  package init(index: UInt32, name: String, isUp: Bool, isLoopback: Bool, addresses: [IPAddress] = []) {
    self.index = index
    self.name = name
    self.isUp = isUp
    self.isLoopback = isLoopback
    self.addresses = addresses
  }

  /// Whether it is captured from when the configuration names none: it is up and has an address of this namespace.
  ///
  /// A link-local IPv6 address does not count: the kernel gives one to bridge ports and to the host's ends of
  /// containers' veths, whose packets are seen elsewhere already.
  package var isCapturedByDefault: Bool {
    isUp && (isLoopback || addresses.contains { !$0.isIPv6LinkLocal })
  }
}

package enum NetworkInterfaces {
  /// All interfaces with their addresses, in the order of their index.
  package static func list() throws(SystemError) -> [NetworkInterface] {
    var socket = try NetlinkSocket(protocol: NETLINK_ROUTE)
    var interfaces: [NetworkInterface] = []
    // What changes while it is listed is listed again; the last attempt stands.
    for attempt in 0..<4 {
      var listing = Listing()
      let links = try socket.dump(type: UInt16(RTM_GETLINK), attempt: attempt, into: &listing)
      let addresses = try socket.dump(type: UInt16(RTM_GETADDR), attempt: attempt, into: &listing)
      interfaces = listing.interfaces
      if links == .complete, addresses == .complete { break }
    }
    return interfaces
  }

  package static func localAddresses() throws(SystemError) -> LocalAddresses {
    LocalAddresses(of: try list())
  }
}

/// Puts links and addresses together.
struct Listing {
  private var byIndex: [UInt32: NetworkInterface] = [:]

  var interfaces: [NetworkInterface] { byIndex.values.sorted { $0.index < $1.index } }

  mutating func add(_ message: RouteMessage) {
    switch message {
    case .link(let index, let name, let flags, let master, let isBridge):
      byIndex[index] = NetworkInterface(
        index: index,
        name: name,
        isUp: flags & InterfaceFlag.up != 0,
        isLoopback: flags & InterfaceFlag.loopback != 0
      )
      byIndex[index]?.isBridge = isBridge
      byIndex[index]?.master = master
    case .address(let index, let address): byIndex[index]?.addresses.append(address)
    // A dump lists what is there.
    case .linkRemoved, .addressRemoved: break
    }
  }
}

extension NetlinkSocket {
  fileprivate mutating func dump(
    type: UInt16,
    attempt: Int,
    into listing: inout Listing
  ) throws(SystemError) -> DumpResult {
    // struct ifinfomsg or the shorter ifaddrmsg, all zero: every family and every interface.
    let request = [UInt8](repeating: 0, count: 16)
    return try dump(type: type, request: request, sequence: UInt32(attempt) << 16 | UInt32(type)) { header, message in
      if let message = RouteMessage(type: header.type, message) { listing.add(message) }
    }
  }
}
