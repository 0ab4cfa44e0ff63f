internal import CLinux
internal import PacketDecoding

/// What a NETLINK_ROUTE message says about an interface (rtnetlink(7)). Messages about anything else, and those cut
/// short, give nil.
enum RouteMessage: Equatable {
  /// `master` is the bridge or bond that it is a port of, 0 for none.
  case link(index: UInt32, name: String, flags: UInt32, master: UInt32, isBridge: Bool)
  case linkRemoved(index: UInt32, name: String)
  case address(index: UInt32, IPAddress)
  case addressRemoved(index: UInt32, IPAddress)

  init?(type: UInt16, _ message: RawSpan) {
    switch Int(type) {
    case RTM_NEWLINK, RTM_DELLINK: self.init(link: message, isRemoved: type == RTM_DELLINK)
    case RTM_NEWADDR, RTM_DELADDR: self.init(address: message, isRemoved: type == RTM_DELADDR)
    default: return nil
    }
  }

  /// struct ifinfomsg: family, padding, type, index, flags, change mask.
  private init?(link message: RawSpan, isRemoved: Bool) {
    guard let family = message.u8(at: 0), let index = message.u32(at: 4), let flags = message.u32(at: 8) else {
      return nil
    }
    // A bridge speaks of its ports with the same types: "removed" then means from the bridge.
    guard family == 0 else { return nil }
    var name: String?
    var master: UInt32 = 0
    var isBridge = false
    NetlinkMessages.forEachAttribute(of: message, from: 16) { type, value in
      switch type {
      case 3: name = value.text()  // IFLA_IFNAME
      case 10: master = value.u32(at: 0) ?? 0  // IFLA_MASTER
      case 18:  // IFLA_LINKINFO
        NetlinkMessages.forEachAttribute(of: value, from: 0) { type, kind in
          if type == 1 { isBridge = kind.text() == "bridge" }  // IFLA_INFO_KIND
        }
      default: break
      }
    }
    guard let name else { return nil }
    self =
      isRemoved
      ? .linkRemoved(index: index, name: name)
      : .link(index: index, name: name, flags: flags, master: master, isBridge: isBridge)
  }

  /// struct ifaddrmsg: family, prefix length, flags, scope, index.
  private init?(address message: RawSpan, isRemoved: Bool) {
    guard let family = message.u8(at: 0), let index = message.u32(at: 4) else { return nil }
    var local: IPAddress?
    var address: IPAddress?
    NetlinkMessages.forEachAttribute(of: message, from: 8) { type, value in
      switch type {
      case 1: address = value.address(at: 0, family: family)  // IFA_ADDRESS
      case 2: local = value.address(at: 0, family: family)  // IFA_LOCAL
      default: break
      }
    }
    // On a point-to-point link IFA_ADDRESS is the peer's (linux/if_addr.h).
    guard let own = local ?? address else { return nil }
    self = isRemoved ? .addressRemoved(index: index, own) : .address(index: index, own)
  }
}

/// netdevice(7).
enum InterfaceFlag {
  static let up: UInt32 = 0x1
  static let loopback: UInt32 = 0x8
}
