import FuzzDriver
import PacketDecoding

@testable import KernelSockets

/// A datagram of the kernel's, whole or not.
enum NetlinkTarget {
  static func run(_ octets: RawSpan) {
    var total = 0
    _ = NetlinkMessages.forEach(in: octets) { header, message in
      total += message.byteCount + NetlinkMessages.headerLength
      if let socket = KernelSocket(message) {
        promise(SocketState.allCases.contains(socket.state), "a socket has a state of the kernel's")
      }
      _ = RouteMessage(type: header.type, message)
      return true
    }
    promise(total <= octets.byteCount, "messages lie in their datagram")
  }
}
