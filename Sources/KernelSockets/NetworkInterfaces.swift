internal import Glibc
package import PacketDecoding

/// An interface of this network namespace and its addresses (getifaddrs(3)).
package struct NetworkInterface: Sendable, Equatable {
  package var name: String
  package var isUp: Bool
  package var isLoopback: Bool
  package var addresses: [IPAddress] = []

  package static func all() -> [NetworkInterface] {
    var head: UnsafeMutablePointer<ifaddrs>?
    guard unsafe getifaddrs(&head) == 0 else { return [] }
    defer { unsafe freeifaddrs(head) }
    var interfaces: [NetworkInterface] = []
    var next = unsafe head
    while let entry = unsafe next {
      let name = unsafe String(cString: entry.pointee.ifa_name)
      let flags = unsafe entry.pointee.ifa_flags
      let position =
        interfaces.firstIndex { $0.name == name }
        ?? {
          interfaces.append(
            NetworkInterface(
              name: name,
              isUp: flags & UInt32(IFF_UP) != 0,
              isLoopback: flags & UInt32(IFF_LOOPBACK) != 0
            )
          )
          return interfaces.count - 1
        }()
      if let address = unsafe address(entry.pointee.ifa_addr) { interfaces[position].addresses.append(address) }
      unsafe next = entry.pointee.ifa_next
    }
    return interfaces
  }

  /// Those that are worth watching: up, with an address of this namespace, and lo. A bridge's ports and the host's ends
  /// of containers' veths have none, and would show each connection twice.
  package static func watchedByDefault() -> [NetworkInterface] {
    all().filter { $0.isUp && ($0.isLoopback || !$0.addresses.isEmpty) }
  }

  private static func address(_ pointer: UnsafeMutablePointer<sockaddr>?) -> IPAddress? {
    guard let pointer = unsafe pointer else { return nil }
    switch unsafe Int32(pointer.pointee.sa_family) {
    case AF_INET:
      let bytes = unsafe UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in.self)
      return IPAddress(ipv4: UInt32(bigEndian: bytes.sin_addr.s_addr))
    case AF_INET6:
      let words = unsafe UnsafeRawPointer(pointer) + 8
      let high = unsafe words.loadUnaligned(as: UInt64.self)
      let low = unsafe words.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
      return IPAddress(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
    default:
      return nil
    }
  }
}
