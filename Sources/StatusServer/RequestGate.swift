internal import NIOCore
internal import NIOHTTP1
internal import PacketDecoding

/// Stands between the HTTP parser and the API: keeps the time, and sends away what is no plain request.
///
/// The parser's pipeline handler lets one request through at a time, so that the phases follow each other:
///
///     receiving ──request──► answering ──answer──► idle ──first byte──► receiving
///         └──── refused ─────────┴─ last answer ──► leaving
///
/// It runs on the event loop of its connection alone.
final class RequestGate: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private enum Phase {
    case receiving
    case answering
    case idle
    /// The last answer is on its way: what still comes in is thrown away.
    case leaving
  }

  private let limits: ServerLimits
  private let clients: WaitingClients
  private let latest: LatestBytes
  private var ticket: WaitingClients.Ticket = 0
  private var phase = Phase.receiving
  private var timer: Scheduled<Void>?
  /// Of the request that came in last.
  private var keepsAlive = true
  private var isVersion1_0 = false

  init(_ limits: ServerLimits, _ clients: WaitingClients, _ latest: LatestBytes) {
    self.limits = limits
    self.clients = clients
    self.latest = latest
  }

  // MARK: The connection

  func handlerAdded(context: ChannelHandlerContext) {
    ticket = clients.arrive()
    enter(.receiving, limits.requestTime, context)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    clients.leave(ticket)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    context.fireUserInboundEventTriggered(event)
    if phase == .leaving, event as? ChannelEvent == .inputClosed { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else {
      context.fireErrorCaught(error)
      return
    }
    guard phase != .leaving else { return }
    refuse(error == .invalidMethod && latest.holdOtherMethod ? .methodNotAllowed : .refusal(of: error), context)
  }

  // MARK: In

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard phase != .leaving else { return }
    switch unwrapInboundIn(data) {
    case .head(let head): receive(head, context)
    case .body: break
    case .end:
      enter(.answering, limits.answerTime, context)
      context.fireChannelRead(wrapInboundOut(.end(nil)))
    }
  }

  private func receive(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    if phase == .idle { enter(.receiving, limits.requestTime, context) }
    // What would follow an upgrade is not HTTP: the parser stops there.
    keepsAlive = head.isKeepAlive && !head.headers.contains(name: "upgrade")
    isVersion1_0 = head.version == .http1_0
    do {
      context.fireChannelRead(wrapInboundOut(.head(try RequestCheck.plain(head))))
    } catch {
      refuse(error.answer, context)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if phase == .idle { enter(.receiving, limits.requestTime, context) }
    context.fireChannelReadComplete()
  }

  // MARK: Out

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(var head):
      if !keepsAlive {
        head.headers.replaceOrAdd(name: "connection", value: "close")
      } else if isVersion1_0 {
        head.headers.replaceOrAdd(name: "connection", value: "keep-alive")
      }
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body: context.write(data, promise: promise)
    case .end:
      guard keepsAlive else { return leave(afterWriting: data, promise, context) }
      // Before the write: it may let the next request in.
      enter(.idle, limits.idleTime, context)
      context.write(data, promise: promise)
    }
  }

  private func refuse(_ answer: Answer, _ context: ChannelHandlerContext) {
    var head = answer.head
    head.headers.add(name: "connection", value: "close")
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
    leave(afterWriting: wrapOutboundOut(.end(nil)), nil, context)
  }

  /// Ends the connection in order: closed at once, a client that still sends would get a reset instead of the answer.
  private func leave(afterWriting end: NIOAny, _ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext) {
    enter(.leaving, limits.answerTime, context)
    let written = promise ?? context.eventLoop.makePromise()
    let bound = NIOLoopBound((gate: self, context: context), eventLoop: context.eventLoop)
    written.futureResult.whenComplete { _ in
      let (gate, context) = bound.value
      gate.enter(.leaving, gate.limits.farewellTime, context)
      context.close(mode: .output, promise: nil)
    }
    context.writeAndFlush(end, promise: written)
  }

  // MARK: Time

  private func enter(_ phase: Phase, _ span: Seconds, _ context: ChannelHandlerContext) {
    self.phase = phase
    switch phase {
    case .receiving, .idle: clients.wait(ticket, context.channel)
    case .answering, .leaving: clients.work(ticket)
    }
    timer?.cancel()
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(in: .nanoseconds(span.nanoseconds)) {
      bound.value.close(promise: nil)
    }
  }
}
