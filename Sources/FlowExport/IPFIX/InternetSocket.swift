internal import Dispatch
internal import Glibc
internal import Monitoring
internal import PacketDecoding

/// A connected UDP or TCP socket that never waits longer than it may.
final class InternetSocket {
  private let descriptor: Int32
  private let ownTraffic: OwnTraffic
  private var connection: OwnConnection?

  init(udpTo endpoint: Endpoint) throws(WriteFailure) {
    ownTraffic = .none
    descriptor = try Self.open(SOCK_DGRAM, endpoint)
    guard Self.connect(descriptor, to: endpoint) == 0 else { throw .system }
  }

  /// It has its port before its first packet, so that the packets can be left out of all figures.
  init(tcpTo endpoint: Endpoint, _ ownTraffic: OwnTraffic, _ patience: Patience) throws(WriteFailure) {
    self.ownTraffic = ownTraffic
    descriptor = try Self.open(SOCK_STREAM, endpoint)
    guard let port = Self.bind(descriptor, endpoint) else { throw .system }
    let connection = OwnConnection(port: port, remote: endpoint)
    self.connection = connection
    let isKnown = DispatchSemaphore(value: 0)
    ownTraffic.begin(connection) { isKnown.signal() }
    guard isKnown.wait(timeout: .now() + 1) == .success else { throw WriteFailure("the daemon is stopping") }
    if Self.connect(descriptor, to: endpoint) != 0 {
      guard errno == EINPROGRESS else { throw .system }
      guard patience.wait(for: descriptor, POLLOUT) else { throw WriteFailure("no connection within 5 s") }
      try checkConnected()
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if let connection { ownTraffic.end(connection) }
  }

  /// Sends some, at least one octet.
  func send(_ bytes: ArraySlice<UInt8>, _ patience: Patience) throws(WriteFailure) -> Int {
    while true {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
      }
      if count > 0 { return count }
      guard errno == EAGAIN || errno == EINTR else { throw .system }
      guard patience.wait(for: descriptor, POLLOUT) else { throw WriteFailure("the collector takes nothing") }
    }
  }

  /// A collector says nothing: what can be read is the end.
  var isClosedByPeer: Bool {
    var octet: UInt8 = 0
    let count = unsafe recv(descriptor, &octet, 1, Int32(MSG_DONTWAIT))
    return count == 0 || count < 0 && errno != EAGAIN && errno != EINTR
  }

  private func checkConnected() throws(WriteFailure) {
    var (code, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
    guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else { throw .system }
    guard code == 0 else { throw WriteFailure(unsafe String(cString: strerror(code))) }
  }

  private static func open(_ type: __socket_type, _ endpoint: Endpoint) throws(WriteFailure) -> Int32 {
    let family = endpoint.address.isIPv4 ? AF_INET : AF_INET6
    let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(family, Int32(type.rawValue) | flags, 0)
    guard descriptor >= 0 else { throw .system }
    return descriptor
  }

  private static func connect(_ descriptor: Int32, to endpoint: Endpoint) -> Int32 {
    unsafe withAddress(endpoint) { unsafe Glibc.connect(descriptor, $0, $1) }
  }

  /// Binds to a port of the kernel's choice, and says which.
  private static func bind(_ descriptor: Int32, _ remote: Endpoint) -> UInt16? {
    let any = Endpoint(
      address: remote.address.isIPv4 ? IPAddress(ipv4: 0) : IPAddress(high: 0, low: 0),
      port: 0
    )
    guard unsafe withAddress(any, { unsafe Glibc.bind(descriptor, $0, $1) }) == 0 else { return nil }
    var (address, size) = (sockaddr_in6(), socklen_t(MemoryLayout<sockaddr_in6>.size))
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(descriptor, $0, &size) }
    }
    // The port stands in the same place for both families.
    return result == 0 ? UInt16(bigEndian: address.sin6_port) : nil
  }

  private static func withAddress(_ endpoint: Endpoint, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32
  {
    if endpoint.address.isIPv4 {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = endpoint.port.bigEndian
      address.sin_addr.s_addr = UInt32(truncatingIfNeeded: endpoint.address.low).bigEndian
      return unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_port = endpoint.port.bigEndian
    unsafe withUnsafeMutableBytes(of: &address.sin6_addr) { bytes in
      unsafe bytes.storeBytes(of: endpoint.address.high.bigEndian, as: UInt64.self)
      unsafe bytes.storeBytes(of: endpoint.address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
      }
    }
  }
}
