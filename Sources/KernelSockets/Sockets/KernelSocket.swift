package import PacketDecoding

/// The states of a TCP socket, by the kernel's numbers (include/net/tcp_states.h).
package enum SocketState: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  case established = 1
  case synSent, synReceived, finWait1, finWait2, timeWait, close, closeWait, lastAck, listen, closing
  /// A request in the SYN queue. Dumps show it as `synReceived`.
  case newSynReceived
}

/// A set of states, as a dump is asked for.
package struct SocketStates: OptionSet, Sendable, BitwiseCopyable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  package init(_ states: SocketState...) {
    rawValue = states.reduce(0) { $0 | 1 << UInt32($1.rawValue) }
  }

  package static let timeWait = SocketStates(.timeWait)
  package static let all = SocketStates(rawValue: 0x1fff ^ 1)
}

/// An entry of the kernel's table of TCP sockets.
package struct KernelSocket: Hashable, Sendable, BitwiseCopyable {
  package let state: SocketState
  /// IPv4 also for a socket of AF_INET6 that talks IPv4.
  package let local: Endpoint
  package let remote: Endpoint
  /// Which timer runs; nil for none or an unknown one.
  package let timer: Timer?
  /// Milliseconds until the timer fires.
  package let expiresMilliseconds: UInt32
  /// The owner's; 0 in TIME_WAIT, which has no owner any more.
  package let uid: UInt32
  /// 0 without a socket: TIME_WAIT, and connections nobody holds open.
  package let inode: UInt32
  /// The inode of the cgroup's directory; 0 when the kernel does not tell.
  package let cgroup: UInt64
  /// Index of the interface it is bound to, 0 for none.
  package let boundInterface: UInt32

  /// idiag_timer (inet_sk_diag_fill, net/ipv4/inet_diag.c).
  package enum Timer: UInt8, Sendable, BitwiseCopyable {
    case retransmit = 1
    case keepAlive, timeWait, zeroWindowProbe
  }
}

extension KernelSocket {
  private static let length = 72
  private static let cgroupAttribute: UInt16 = 21  // INET_DIAG_CGROUP_ID

  /// Reads a struct inet_diag_msg (linux/inet_diag.h) and what follows it.
  init?(_ message: RawSpan) {
    guard message.byteCount >= Self.length,
      let family = message.u8(at: 0), let state = message.u8(at: 1).flatMap(SocketState.init),
      let timer = message.u8(at: 2),
      let localPort = message.u16(at: 4), let remotePort = message.u16(at: 6),
      let local = message.address(at: 8, family: family), let remote = message.address(at: 24, family: family),
      let interface = message.u32(at: 40), let expires = message.u32(at: 52),
      let uid = message.u32(at: 64), let inode = message.u32(at: 68)
    else { return nil }
    var cgroup: UInt64 = 0
    NetlinkMessages.forEachAttribute(of: message, from: Self.length) { type, value in
      if type == Self.cgroupAttribute { cgroup = value.u64(at: 0) ?? 0 }
    }
    self.init(
      state: state,
      // Ports are in network order, all else in host order.
      local: Endpoint(address: local, port: UInt16(bigEndian: localPort)),
      remote: Endpoint(address: remote, port: UInt16(bigEndian: remotePort)),
      timer: Timer(rawValue: timer),
      expiresMilliseconds: expires,
      uid: uid,
      inode: inode,
      cgroup: cgroup,
      boundInterface: interface
    )
  }
}
