internal import CLinux
internal import Glibc

/// What the kernel says of an interface now.
struct InterfaceState {
  let index: UInt32
  private let flags: UInt32

  /// - Returns: nil when there is none of that name.
  init?(of name: String) {
    var flags: UInt32 = 0
    guard unsafe tcpstated_interface_flags(name, &flags) == 0 else { return nil }
    self.flags = flags
    index = unsafe if_nametoindex(name)
  }

  // netdevice(7).
  var isUp: Bool { flags & 0x1 != 0 }
  var isLoopback: Bool { flags & 0x8 != 0 }

  /// All interfaces of this namespace.
  static func names() -> [String] {
    guard let list = unsafe if_nameindex() else { return [] }
    defer { unsafe if_freenameindex(list) }
    var names: [String] = []
    var entry = unsafe list
    // The list ends with an entry without name.
    while let name = unsafe entry.pointee.if_name {
      unsafe names.append(String(cString: name))
      unsafe entry += 1
    }
    return names.sorted()
  }
}
