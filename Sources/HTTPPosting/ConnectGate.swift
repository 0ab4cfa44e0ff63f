internal import Monitoring
internal import NIOCore
internal import PacketDecoding

/// Stands before the network: a connection has its port by now, and sends nothing until it is known whose it is.
///
/// This is why requests are not left to a library for them: none tells of a connection before its first packet.
final class ConnectGate: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer

  private let ownTraffic: OwnTraffic
  private var connection: OwnConnection?

  init(_ ownTraffic: OwnTraffic) {
    self.ownTraffic = ownTraffic
  }

  func connect(context: ChannelHandlerContext, to address: SocketAddress, promise: EventLoopPromise<Void>?) {
    guard let connection = Self.connection(from: context.channel.localAddress, to: address) else {
      context.connect(to: address, promise: promise)
      return
    }
    self.connection = connection
    let loop = context.eventLoop
    let bound = NIOLoopBound(context, eventLoop: loop)
    ownTraffic.begin(connection) { loop.execute { bound.value.connect(to: address, promise: promise) } }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    if let connection { ownTraffic.end(connection) }
  }

  private static func connection(from local: SocketAddress?, to address: SocketAddress) -> OwnConnection? {
    guard let port = local?.port.flatMap(UInt16.init(exactly:)), let text = address.ipAddress,
      let remote = IPAddress(text), let remotePort = address.port.flatMap(UInt16.init(exactly:))
    else { return nil }
    return OwnConnection(port: port, remote: Endpoint(address: remote, port: remotePort))
  }
}
