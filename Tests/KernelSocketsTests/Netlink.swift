@testable import KernelSockets

/// Octets from hexadecimal text; spaces are for the reader.
func hex(_ text: String) -> [UInt8] {
  let digits = text.filter { !$0.isWhitespace }
  return stride(from: 0, to: digits.count, by: 2).compactMap { offset in
    UInt8(digits.dropFirst(offset).prefix(2), radix: 16)
  }
}

/// A netlink message with its header. Fixtures are of a little-endian machine.
func message(type: UInt16, flags: UInt16 = 0, sequence: UInt32 = 1, _ body: [UInt8]) -> [UInt8] {
  var octets: [UInt8] = []
  octets.append(integer: UInt32(16 + body.count))
  octets.append(integer: type)
  octets.append(integer: flags)
  octets.append(integer: sequence)
  octets.append(integer: UInt32(0))
  return octets + body
}

enum Fixtures {
  /// RTM_NEWLINK of lo: up, loopback, running.
  static let newLink = message(
    type: 16,
    hex("00 00 0403 01000000 49000100 00000000")  // struct ifinfomsg: AF_UNSPEC, ARPHRD_LOOPBACK, 1, flags, change
      + hex("0700 0300 6c6f0000")  // IFLA_IFNAME "lo", padded
      + hex("0800 0d00 e8030000")  // IFLA_TXQLEN 1000
  )
  /// RTM_NEWLINK of eth0, not up.
  static let downLink = message(
    type: 16,
    hex("00 00 0100 02000000 02100000 00000000")
      + hex("0900 0300 6574683000000000")  // IFLA_IFNAME "eth0"
  )
  /// RTM_DELLINK of eth0.
  static let removedLink = message(
    type: 17,
    hex("00 00 0100 02000000 02100000 ffffffff") + hex("0900 0300 6574683000000000")
  )
  /// RTM_DELLINK of eth0 as a port of a bridge: AF_BRIDGE.
  static let removedPort = message(
    type: 17,
    hex("07 00 0100 02000000 02100000 00000000") + hex("0900 0300 6574683000000000")
  )
  /// RTM_NEWADDR 192.0.2.1/24 on 2.
  static let newAddress = message(
    type: 20,
    hex("02 18 80 00 02000000")  // struct ifaddrmsg: AF_INET, /24, permanent, universe, 2
      + hex("0800 0100 c0000201")  // IFA_ADDRESS
      + hex("0800 0200 c0000201")  // IFA_LOCAL
  )
  /// RTM_NEWADDR 192.0.2.1, peer 192.0.2.9: a point-to-point link.
  static let peerAddress = message(
    type: 20,
    hex("02 20 80 00 02000000") + hex("0800 0100 c0000209") + hex("0800 0200 c0000201")
  )
  /// RTM_DELADDR 2001:db8::1/64 on 2: IPv6 has IFA_ADDRESS alone.
  static let removedAddress = message(
    type: 21,
    hex("0a 40 80 00 02000000") + hex("1400 0100 20010db8000000000000000000000001")
  )
  /// SOCK_DIAG_BY_FAMILY: 127.0.0.1:80 - 127.0.0.1:40000 in TIME_WAIT, 59.2 s left.
  static let timeWait = message(
    type: 20,
    flags: 2,
    hex("02 06 03 00")  // AF_INET, TIME_WAIT, timer 3, no retransmits
      + hex("0050 9c40")  // ports
      + hex("7f000001 00000000 00000000 00000000")
      + hex("7f000001 00000000 00000000 00000000")
      + hex("00000000 0100000000000000")  // no interface; cookie
      + hex("40e70000 00000000 00000000 00000000 00000000")  // expires, queues, uid, inode
  )
  /// ::ffff:192.0.2.1:443 - ::ffff:192.0.2.9:50000, ESTABLISHED, uid 33, inode 4711, cgroup 77.
  static let mapped = message(
    type: 20,
    flags: 2,
    hex("0a 01 02 00") + hex("01bb c350")
      + hex("00000000 00000000 0000ffff c0000201")
      + hex("00000000 00000000 0000ffff c0000209")
      + hex("02000000 0200000000000000")
      + hex("10270000 00000000 00000000 21000000 67120000")
      + hex("0500 0800 00000000")  // INET_DIAG_SHUTDOWN
      + hex("0c00 1500 4d00000000000000")  // INET_DIAG_CGROUP_ID
  )
  static let done = message(type: 3, flags: 2, hex("00000000"))
}

extension LinkEvents {
  static func events(_ datagram: [UInt8]) -> [LinkEvent] {
    var events: [LinkEvent] = []
    unsafe parse(datagram.span.bytes, into: &events)
    return events
  }
}

extension DumpState {
  mutating func take(_ datagram: [UInt8]) -> [KernelSocket] {
    var sockets: [KernelSocket] = []
    unsafe take(datagram.span.bytes) { _, message in
      if let socket = KernelSocket(message) { sockets.append(socket) }
    }
    return sockets
  }
}
