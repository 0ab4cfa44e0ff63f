package import Monitoring
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
package import PacketDecoding

/// Posts to one server, one request after the other, on a connection that stays open as long as the server likes.
package actor Poster {
  private let server: Server
  /// Nil for http.
  private let tls: NIOSSLContext?
  private let ownTraffic: OwnTraffic
  private let answerTime: TimeAmount
  private var channel: (any Channel)?

  /// One thread for all: there is little to send. It starts with the first poster, not later: without descriptors it traps.
  private static let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private static let connectTime = TimeAmount.seconds(5)

  /// - Parameters:
  ///   - ownTraffic: hears of each connection before its first packet.
  ///   - answerTime: for the whole of an answer, the handshake of TLS included.
  /// - Throws: why the certificates cannot be used, as one line.
  package init(
    _ server: Server,
    _ ownTraffic: OwnTraffic,
    answerTime: Seconds = Seconds(10)
  ) throws(PostFailure) {
    self.server = server
    self.ownTraffic = ownTraffic
    self.answerTime = .nanoseconds(answerTime.nanoseconds)
    _ = Self.eventLoops
    tls = server.isSecure ? try Trust.context(certificates: server.certificates) : nil
  }

  package func post(_ post: Post) async throws(PostFailure) -> PostAnswer {
    do {
      if let channel, channel.isActive {
        do { return try await send(post, on: channel) } catch  where error == .closedBeforeAnswer {
          // The server had ended it by then: no word of trouble.
        }
      }
      close()
      let new = try await open()
      channel = new
      return try await send(post, on: new)
    } catch {
      close()
      throw error
    }
  }

  package func close() {
    channel?.close(promise: nil)
    channel = nil
  }

  private func send(_ post: Post, on channel: any Channel) async throws(PostFailure) -> PostAnswer {
    let promise = channel.eventLoop.makePromise(of: PostAnswer.self)
    let pending = PendingPost(head: head(post), body: ByteBuffer(bytes: post.body), answer: promise)
    channel.writeAndFlush(pending).whenFailure { promise.fail($0) }
    do { return try await promise.futureResult.get() } catch { throw PostFailure(error) }
  }

  private func head(_ post: Post) -> HTTPRequestHead {
    var fields: HTTPHeaders = [
      "Host": server.authority, "User-Agent": "tcpstated", "Content-Type": post.contentType,
      "Content-Length": "\(post.body.count)", "Accept": "*/*",
    ]
    for field in post.fields { fields.replaceOrAdd(name: field.name, value: field.value) }
    return HTTPRequestHead(version: .http1_1, method: .POST, uri: server.path, headers: fields)
  }

  // MARK: The connection

  /// Tries one address after the other.
  private func open() async throws(PostFailure) -> any Channel {
    var failure = PostFailure("its name has no address")
    for address in try await Resolver.addresses(of: server.host, port: server.port) {
      do { return try await connect(to: address) } catch { failure = PostFailure(error) }
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
      .channelInitializer { [server, tls, ownTraffic, answerTime] channel in
        channel.eventLoop.makeCompletedFuture { try Self.prepare(channel, server, tls, ownTraffic, answerTime) }
      }
      .connect(to: address)
      .get()
  }

  private static func prepare(
    _ channel: any Channel,
    _ server: Server,
    _ tls: NIOSSLContext?,
    _ ownTraffic: OwnTraffic,
    _ answerTime: TimeAmount
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(ConnectGate(ownTraffic))
    if let tls {
      // An address has no place in the handshake; the certificate is held against it all the same.
      let isAddress = (try? SocketAddress(ipAddress: server.host, port: 0)) != nil
      try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : server.host))
    }
    try pipeline.addHTTPClientHandlers()
    try pipeline.addHandler(AnswerReader(limit: answerTime))
  }
}
