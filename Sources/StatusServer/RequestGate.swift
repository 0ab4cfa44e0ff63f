internal import NIOCore
internal import NIOHTTP1
internal import PacketDecoding

/// Stands between the HTTP parser and the API: keeps the time, sends away what is no plain request, and answers the rest.
///
/// The parser's pipeline handler lets one request through at a time, so that the phases follow each other:
///
///     receiving ──request──► answering ──answer──► idle ──first byte──► receiving
///         └──── refused ─────────┼─ last answer ──► leaving
///                                └─ events ──► following
///
/// It runs on the event loop of its connection alone.
final class RequestGate: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private enum Phase {
    case receiving
    case answering
    /// Events are sent until one side ends it.
    case following
    case idle
    /// The last answer is on its way: what still comes in is thrown away.
    case leaving
  }

  private let api: API
  private let limits: ServerLimits
  private let clients: WaitingClients
  private let latest: LatestBytes
  private var ticket: WaitingClients.Ticket = 0
  private var phase = Phase.receiving
  private var timer: Scheduled<Void>?
  /// The one that came in last, until it is answered.
  private var request: PlainRequest?
  private var unsent = UnsentBody()
  private var inputHasEnded = false
  /// Of one who follows events.
  private var place: EventFeed.Place?

  init(_ api: API, _ limits: ServerLimits, _ clients: WaitingClients, _ latest: LatestBytes) {
    self.api = api
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
    phase = .leaving
    timer?.cancel()
    place = nil
    unsent = UnsentBody()
    clients.leave(ticket)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event as? ChannelEvent == .inputClosed else { return }
    // The pipeline handler says so behind the last request.
    inputHasEnded = true
    if phase != .answering, phase != .leaving { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else {
      context.close(promise: nil)
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
    case .end: answer(context)
    }
  }

  private func receive(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    if phase == .idle { enter(.receiving, limits.requestTime, context) }
    do {
      request = try PlainRequest(head)
    } catch {
      refuse(error.answer, context)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if phase == .idle { enter(.receiving, limits.requestTime, context) }
  }

  // MARK: Out

  private func answer(_ context: ChannelHandlerContext) {
    guard let request else { return }
    enter(.answering, limits.answerTime, context)
    let bound = NIOLoopBound((gate: self, context: context), eventLoop: context.eventLoop)
    context.eventLoop.makeFutureWithTask { [api] in
      await api.answer(method: request.method, target: request.target, host: request.host, accept: request.accept)
    }.whenSuccess { answer in
      let (gate, context) = bound.value
      if gate.phase == .answering { gate.send(answer, to: request, context) }
    }
  }

  private func refuse(_ answer: Answer, _ context: ChannelHandlerContext) {
    enter(.answering, limits.answerTime, context)
    send(answer, to: nil, context)
  }

  /// - Parameter request: nil when there was none that could be understood; then it is the last answer.
  private func send(_ answer: Answer, to request: PlainRequest?, _ context: ChannelHandlerContext) {
    self.request = request
    context.write(wrapOutboundOut(.head(answer.head(for: request))), promise: nil)
    if let place = answer.place, request?.method != "HEAD" { return follow(place, context) }
    if request?.method != "HEAD" { unsent = UnsentBody(of: answer) }
    sendMore(context)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if phase == .answering, unsent.isUnderWay { sendMore(context) }
  }

  /// A piece whenever the client has taken those before, so that no more than the body itself is held.
  private func sendMore(_ context: ChannelHandlerContext) {
    unsent.isUnderWay = false
    while !unsent.isEmpty {
      guard context.channel.isWritable else {
        unsent.isUnderWay = true
        return
      }
      context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(unsent.takePiece()))), promise: nil)
    }
    unsent = UnsentBody()
    guard request?.keepsAlive == true, !inputHasEnded else { return leave(context) }
    // Before the write: it may let the next request in.
    enter(.idle, limits.idleTime, context)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  /// Ends the connection in order: closed at once, a client that still sends would get a reset instead of the answer.
  private func leave(_ context: ChannelHandlerContext) {
    enter(.leaving, limits.answerTime, context)
    let bound = NIOLoopBound((gate: self, context: context), eventLoop: context.eventLoop)
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.whenComplete { _ in
      let (gate, context) = bound.value
      if gate.inputHasEnded { return context.close(promise: nil) }
      gate.enter(.leaving, gate.limits.farewellTime, context)
      context.close(mode: .output, promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
  }

  // MARK: Events

  private func follow(_ place: EventFeed.Place, _ context: ChannelHandlerContext) {
    self.place = place
    enter(.following, limits.eventTime, context)
    context.flush()
    let bound = NIOLoopBound((gate: self, context: context), eventLoop: context.eventLoop)
    place.follow { [loop = context.eventLoop] frame in
      loop.execute {
        let (gate, context) = bound.value
        gate.send(frame, context)
      }
    }
  }

  /// Who has not taken what was sent before misses this; who takes nothing for long is sent away.
  private func send(_ frame: EventFeed.Frame, _ context: ChannelHandlerContext) {
    guard phase == .following, context.channel.isWritable else { return }
    enter(.following, limits.eventTime, context)
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: frame.bytes)))), promise: nil)
  }

  // MARK: Time

  private func enter(_ phase: Phase, _ span: Seconds, _ context: ChannelHandlerContext) {
    self.phase = phase
    switch phase {
    case .receiving, .idle: clients.wait(ticket, context.channel)
    case .answering, .following, .leaving: clients.work(ticket)
    }
    timer?.cancel()
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(in: .nanoseconds(span.nanoseconds)) {
      bound.value.close(promise: nil)
    }
  }
}
