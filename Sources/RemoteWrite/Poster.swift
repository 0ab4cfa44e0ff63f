internal import Dispatch
internal import Glibc
internal import Monitoring
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import PacketDecoding

/// Sends requests to one server, one after the other, on a connection that stays open as long as the server likes.
actor Poster {
  private let target: RemoteWriteTarget
  private let own: OwnTraffic
  private let tls: NIOSSLContext?
  private var channel: (any Channel)?

  private static let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private static let connectTime = TimeAmount.seconds(5)

  /// - Throws: why the certificates cannot be used, as one line.
  init(_ target: RemoteWriteTarget, _ own: OwnTraffic) throws(PostFailure) {
    self.target = target
    self.own = own
    tls = target.isSecure ? try Self.tls(certificates: target.certificates) : nil
  }

  func post(_ body: [UInt8]) async throws(PostFailure) -> PostAnswer {
    let head = try head(size: body.count)
    // A server may end an idle connection just now: then it is tried once more on a new one.
    if let channel, channel.isActive, let answer = try? await Self.send(head, body, on: channel) { return answer }
    channel = nil
    do {
      let new = try await open()
      channel = new
      return try await Self.send(head, body, on: new)
    } catch {
      channel?.close(promise: nil)
      channel = nil
      throw PostFailure(error)
    }
  }

  func close() {
    channel?.close(promise: nil)
    channel = nil
  }

  private static func send(_ head: HTTPRequestHead, _ body: [UInt8], on channel: any Channel) async throws -> PostAnswer
  {
    let promise = channel.eventLoop.makePromise(of: PostAnswer.self)
    channel.writeAndFlush(PendingPost(head: head, body: ByteBuffer(bytes: body), answer: promise)).whenFailure {
      promise.fail($0)
    }
    return try await promise.futureResult.get()
  }

  private func head(size: Int) throws(PostFailure) -> HTTPRequestHead {
    var fields: HTTPHeaders = [
      "Host": target.authority, "User-Agent": "tcpstated", "Content-Type": "application/x-protobuf",
      "Content-Encoding": "snappy", "X-Prometheus-Remote-Write-Version": "0.1.0", "Content-Length": "\(size)",
    ]
    if let value = try target.credentials?.authorization { fields.add(name: "Authorization", value: value) }
    return HTTPRequestHead(version: .http1_1, method: .POST, uri: target.path, headers: fields)
  }

  // MARK: The connection

  private func open() async throws -> any Channel {
    var failure = PostFailure("its name has no address")
    for address in try await Resolver.addresses(of: target.host, port: target.port) {
      do { return try await connect(to: address) } catch { failure = PostFailure(error) }
    }
    throw failure
  }

  private func connect(to address: SocketAddress) async throws -> any Channel {
    let any = address.protocol == .inet6 ? "::" : "0.0.0.0"
    return try await ClientBootstrap(group: Self.eventLoops)
      .connectTimeout(Self.connectTime)
      // Until there is a request: see AnswerReader.
      .channelOption(.autoRead, value: false)
      // A port before the first packet: see OwnTrafficGate.
      .bind(to: try SocketAddress(ipAddress: any, port: 0))
      .channelInitializer { [target, tls, own] channel in
        channel.eventLoop.makeCompletedFuture { try Self.prepare(channel, target, tls, own) }
      }
      .connect(to: address)
      .get()
  }

  private static func prepare(
    _ channel: any Channel,
    _ target: RemoteWriteTarget,
    _ tls: NIOSSLContext?,
    _ own: OwnTraffic
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(OwnTrafficGate(own))
    if let tls {
      // An address has no place in the handshake; the certificate is held against it all the same.
      let isAddress = (try? SocketAddress(ipAddress: target.host, port: 0)) != nil
      try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : target.host))
    }
    try pipeline.addHTTPClientHandlers()
    try pipeline.addHandler(AnswerReader(limit: .nanoseconds(target.timeout.nanoseconds)))
  }

  private static func tls(certificates: String?) throws(PostFailure) -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    if let certificates {
      do {
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(certificates))
      } catch {
        throw PostFailure("cannot read certificates (PEM) in \(certificates)")
      }
    }
    do { return try NIOSSLContext(configuration: configuration) } catch { throw PostFailure("TLS cannot be set up") }
  }
}

/// What came back.
struct PostAnswer: Sendable, Equatable {
  var status: Int
  /// Seconds, where the server asked for a pause.
  var retryAfter: Double?
}

/// Why nothing came back, as words.
struct PostFailure: Error, Equatable {
  var reason: String

  init(_ reason: String) { self.reason = reason }

  init(_ error: any Error) {
    switch error {
    case let failure as PostFailure: self = failure
    case let failure as IOError: reason = failure.description
    case ChannelError.connectTimeout: reason = "no connection within 5 s"
    case is NIOSSLExtraError: reason = "TLS: the certificate is for another host"
    case is NIOSSLError, is BoringSSLError:
      let isUntrusted = "\(error)".contains("CERTIFICATE_VERIFY_FAILED")
      reason = isUntrusted ? "TLS: its certificate is not trusted" : "TLS: \("\(error)".prefix(200))"
    default: reason = "\(error)"
    }
  }
}

// MARK: On the channel

private struct PendingPost: Sendable {
  var head: HTTPRequestHead
  var body: ByteBuffer
  var answer: EventLoopPromise<PostAnswer>
}

/// Stands before the network: a connection has its port by now, and sends nothing until it is known whose it is.
private final class OwnTrafficGate: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer

  private let own: OwnTraffic
  private var connection: OwnConnection?

  init(_ own: OwnTraffic) {
    self.own = own
  }

  func connect(context: ChannelHandlerContext, to address: SocketAddress, promise: EventLoopPromise<Void>?) {
    guard let port = context.channel.localAddress?.port.flatMap(UInt16.init(exactly:)),
      let remote = address.ipAddress.flatMap({ IPAddress($0) }),
      let remotePort = address.port.flatMap(UInt16.init(exactly:))
    else {
      context.connect(to: address, promise: promise)
      return
    }
    let connection = OwnConnection(port: port, remote: Endpoint(address: remote, port: remotePort))
    self.connection = connection
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    let loop = context.eventLoop
    own.begin(connection) { loop.execute { bound.value.connect(to: address, promise: promise) } }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    if let connection { own.end(connection) }
  }
}

/// One request after the other on a connection: the answer is its status, once all of it has come.
private final class AnswerReader: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = PendingPost
  typealias OutboundOut = HTTPClientRequestPart

  private let limit: TimeAmount
  private var pending: EventLoopPromise<PostAnswer>?
  private var answer: PostAnswer?
  private var keepsAlive = false
  private var timer: Scheduled<Void>?

  init(limit: TimeAmount) {
    self.limit = limit
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let post = unwrapOutboundIn(data)
    (pending, answer) = (post.answer, nil)
    // Not before: when the handshake fails, there is somebody to tell.
    _ = context.channel.setOption(.autoRead, value: true)
    let bound = NIOLoopBound((reader: self, context: context), eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(in: limit) {
      let (reader, context) = bound.value
      reader.end(context, "no answer within \(reader.limit.nanoseconds / 1_000_000_000) s")
    }
    context.write(wrapOutboundOut(.head(post.head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(post.body))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard pending != nil else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      let pause = head.headers.first(name: "retry-after").flatMap { Double($0) }
      answer = PostAnswer(status: Int(head.status.code), retryAfter: pause.flatMap { $0.isFinite ? max($0, 0) : nil })
      keepsAlive = head.isKeepAlive
    case .body: break
    case .end: if keepsAlive { settle("") } else { end(context, "") }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    settle("the connection was closed before the answer")
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { end(context, PostFailure(error).reason) }

  func handlerRemoved(context: ChannelHandlerContext) { settle("the connection was closed before the answer") }

  private func end(_ context: ChannelHandlerContext, _ reason: String) {
    settle(reason)
    context.close(promise: nil)
  }

  /// A status that has come decides, whatever became of the rest of the answer.
  private func settle(_ reason: String) {
    timer?.cancel()
    timer = nil
    guard let pending else { return }
    self.pending = nil
    if let answer { pending.succeed(answer) } else { pending.fail(PostFailure(reason)) }
  }
}

/// The addresses of a name, as the system finds them. Asking waits, on a thread that nobody else needs.
private enum Resolver {
  private static let queue = DispatchQueue(label: "resolver", attributes: .concurrent)

  static func addresses(of host: String, port: UInt16) async throws -> [SocketAddress] {
    if let literal = try? SocketAddress(ipAddress: host, port: Int(port)) { return [literal] }
    return try await withCheckedThrowingContinuation { continuation in
      queue.async {
        continuation.resume(
          with: Result { [try SocketAddress.makeAddressResolvingHost(host, port: Int(port))] }
            .mapError { _ in PostFailure("its name is not known") }
        )
      }
    }
  }
}
