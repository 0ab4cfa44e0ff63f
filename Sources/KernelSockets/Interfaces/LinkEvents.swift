internal import CLinux

/// Something happened to the interfaces of this namespace.
package enum LinkEvent: Hashable, Sendable {
  /// It appeared, came up, or changed in some other way while up: also told of one that was up before.
  case up(name: String, index: UInt32)
  /// It appeared or is, and is not up.
  case down(name: String, index: UInt32)
  case removed(name: String, index: UInt32)
  /// An address came or went.
  case addressesChanged(index: UInt32)
  /// Events were lost: list the interfaces anew.
  case overrun
}

/// Tells when interfaces and their addresses come and go. Wait for `fileDescriptor`, then `read`.
package struct LinkEvents: ~Copyable {
  private var socket: NetlinkSocket

  package init() throws(SystemError) {
    let groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR
    socket = try NetlinkSocket(protocol: NETLINK_ROUTE, groups: UInt32(groups))
  }

  package var fileDescriptor: Int32 { socket.fileDescriptor }

  /// All events so far, without waiting.
  package mutating func read() -> [LinkEvent] {
    var events: [LinkEvent] = []
    while true {
      let received = socket.receive { Self.parse($0, into: &events) }
      switch received {
      case .datagram: continue
      case .overrun: events.append(.overrun)
      case .empty, .failed: return events
      }
    }
  }

  /// A damaged datagram tells that something happened, and not what.
  static func parse(_ datagram: RawSpan, into events: inout [LinkEvent]) {
    let isWhole = NetlinkMessages.forEach(in: datagram) { header, message in
      if let event = RouteMessage(type: header.type, message).map(LinkEvent.init) { events.append(event) }
      return true
    }
    if !isWhole { events.append(.overrun) }
  }
}

extension LinkEvent {
  init(_ message: RouteMessage) {
    switch message {
    case .link(let index, let name, let flags, _, _):
      self = flags & InterfaceFlag.up != 0 ? .up(name: name, index: index) : .down(name: name, index: index)
    case .linkRemoved(let index, let name): self = .removed(name: name, index: index)
    case .address(let index, _), .addressRemoved(let index, _): self = .addressesChanged(index: index)
    }
  }
}
