internal import NIOCore
internal import NIOHTTP1

/// A request and who waits for the answer.
struct PendingPost: Sendable {
  var head: HTTPRequestHead
  var body: ByteBuffer
  var answer: EventLoopPromise<PostAnswer>
}

/// One request after the other on a connection: the answer is its status, once all of it has come.
final class AnswerReader: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = PendingPost
  typealias OutboundOut = HTTPClientRequestPart

  private let limit: TimeAmount
  private var pending: EventLoopPromise<PostAnswer>?
  /// What the head said.
  private var answer: PostAnswer?
  private var keepsAlive = false
  private var bodySize = 0
  private var timer: Scheduled<Void>?

  /// Of an answer nothing but its status is of interest.
  private static let bodyLimit = 64 << 10

  /// - Parameter limit: for the whole of an answer, the handshake of TLS included.
  init(limit: TimeAmount) {
    self.limit = limit
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let post = unwrapOutboundIn(data)
    (pending, answer, bodySize) = (post.answer, nil, 0)
    // Not before: when the handshake fails, there is somebody to tell.
    _ = context.channel.setOption(.autoRead, value: true)
    let bound = NIOLoopBound((reader: self, context: context), eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(in: limit) {
      let (reader, context) = bound.value
      reader.end(context, otherwise: "no answer within \(reader.limit.nanoseconds / 1_000_000_000) s")
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
      answer = PostAnswer(status: Int(head.status.code), retryAfter: pause.map { $0.isFinite ? max($0, 0) : 0 })
      keepsAlive = head.isKeepAlive
    case .body(let part):
      bodySize += part.readableBytes
      if bodySize > Self.bodyLimit { end(context, otherwise: "") }
    case .end:
      if keepsAlive { settle("") } else { end(context, otherwise: "") }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    settle(PostFailure.closedBeforeAnswer.reason)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    end(context, otherwise: PostFailure(error).reason)
  }

  func handlerRemoved(context: ChannelHandlerContext) { settle(PostFailure.closedBeforeAnswer.reason) }

  private func end(_ context: ChannelHandlerContext, otherwise reason: String) {
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
