import Glibc
import PacketDecoding
import Testing

@testable import KernelSockets

/// A listener of this process and a client that is connected to it, as long as this is held.
final class LoopbackConnection {
  let client: Endpoint
  let server: Endpoint
  private let listener: FileDescriptor
  private let connected: FileDescriptor

  init(isIPv6: Bool = false) throws {
    let family = isIPv6 ? AF_INET6 : AF_INET
    listener = FileDescriptor(socket(family, Int32(SOCK_STREAM.rawValue), 0))
    connected = FileDescriptor(socket(family, Int32(SOCK_STREAM.rawValue), 0))
    let address = isIPv6 ? IPAddress(high: 0, low: 1) : IPAddress(ipv4: 0x7f00_0001)
    var name = Self.loopback(isIPv6)
    let port = try unsafe Self.port(of: listener.rawValue, &name) { descriptor, name, size in
      unsafe bind(descriptor, name, size) == 0 ? listen(descriptor, 1) : -1
    }
    server = Endpoint(address: address, port: port)
    let own = try unsafe Self.port(of: connected.rawValue, &name) { unsafe connect($0, $1, $2) }
    client = Endpoint(address: address, port: own)
  }

  /// A struct sockaddr_in or sockaddr_in6, with any port.
  private static func loopback(_ isIPv6: Bool) -> [UInt8] {
    func zeros(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }
    var name: [UInt8] = []
    name.append(integer: UInt16(isIPv6 ? AF_INET6 : AF_INET))
    return name + zeros(2) + (isIPv6 ? zeros(4 + 15) + [1] + zeros(4) : [127, 0, 0, 1] + zeros(8))
  }

  /// - Parameters:
  ///   - name: where to; then where the socket is.
  ///   - body: returns 0 when that went well.
  private static func port(
    of descriptor: Int32,
    _ name: inout [UInt8],
    _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws -> UInt16 {
    var size = socklen_t(name.count)
    let isThere = unsafe name.withUnsafeMutableBytes { octets in
      guard let pointer = unsafe octets.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
      return unsafe body(descriptor, pointer, size) == 0 && getsockname(descriptor, pointer, &size) == 0
    }
    try #require(isThere)
    return UInt16(name[2]) << 8 | UInt16(name[3])
  }
}
