internal import Monitoring
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// How servers are reached.
struct Connector: Sendable {
  var server: Server
  /// Nil for http.
  var tls: NIOSSLContext?
  var register: any OwnConnectionRegister

  static let connectTime = TimeAmount.seconds(5)
  static let answerTime = TimeAmount.seconds(10)

  /// One thread for all: alerts are few. It starts with the first connection.
  private static let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  init(_ server: Server, register: any OwnConnectionRegister) throws(DeliveryFailure) {
    self.server = server
    self.register = register
    tls = server.isSecure ? try Trust.context(certificates: server.certificates) : nil
  }

  /// Tries one address after the other.
  func open() async throws(DeliveryFailure) -> DeliveryConnection {
    var failure = DeliveryFailure(description: "its name has no address")
    for address in try await Resolver.addresses(of: server.host, port: server.port) {
      do {
        return DeliveryConnection(channel: try await connect(to: address))
      } catch {
        failure = DeliveryFailure(description: DeliveryFailure.words(for: error))
      }
    }
    throw failure
  }

  private func connect(to address: SocketAddress) async throws -> any Channel {
    // A port before the first packet: see ConnectGate.
    let anyAddress = address.protocol == .inet6 ? "::" : "0.0.0.0"
    return try await ClientBootstrap(group: Self.eventLoops)
      .connectTimeout(Self.connectTime)
      // Until there is a request: see AnswerReader.
      .channelOption(.autoRead, value: false)
      .bind(to: try SocketAddress(ipAddress: anyAddress, port: 0))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try prepare(channel) }
      }
      .connect(to: address)
      .get()
  }

  private func prepare(_ channel: any Channel) throws {
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(ConnectGate(register))
    if let tls {
      // An address has no place in the handshake; the certificate is held against it all the same.
      let isAddress = (try? SocketAddress(ipAddress: server.host, port: 0)) != nil
      try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : server.host))
    }
    try pipeline.addHTTPClientHandlers()
    try pipeline.addHandler(AnswerReader(limit: Self.answerTime))
  }

  func head(_ post: Post) -> HTTPRequestHead {
    var fields: HTTPHeaders = [
      "Host": server.authority, "User-Agent": "tcpstated", "Content-Type": "application/json",
      "Content-Length": "\(post.body.count)", "Accept": "*/*",
    ]
    for field in post.fields { fields.replaceOrAdd(name: field.name, value: field.value) }
    return HTTPRequestHead(version: .http1_1, method: .POST, uri: server.path, headers: fields)
  }
}

/// One connection; requests follow each other on it.
struct DeliveryConnection: Sendable {
  let channel: any Channel

  var isOpen: Bool { channel.isActive }

  func send(_ head: HTTPRequestHead, _ body: [UInt8]) async throws(DeliveryFailure) -> Answer {
    let promise = channel.eventLoop.makePromise(of: Answer.self)
    let post = PendingPost(head: head, body: ByteBuffer(bytes: body), answer: promise)
    channel.writeAndFlush(post).whenFailure { promise.fail($0) }
    do {
      return try await promise.futureResult.get()
    } catch {
      throw DeliveryFailure(description: DeliveryFailure.words(for: error))
    }
  }

  func close() { channel.close(promise: nil) }
}
