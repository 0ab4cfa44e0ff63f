internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// A connection of a client: HTTP/1.1, one request at a time, behind a gate.
///
/// The gate answers on the event loop. Hummingbird's own way, a task that reads an asynchronous channel, ends the whole
/// process when a connection was accepted and the server is stopped before the task began (swift-nio issue 2637).
struct GuardedHTTP1: ServerChildChannel {
  let api: API
  let limits: ServerLimits
  let clients: WaitingClients

  struct Client: ServerChildChannelValue {
    let channel: any Channel
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Client> {
    channel.eventLoop.makeCompletedFuture {
      var decoding = NIOHTTPDecoderLimitConfiguration()
      decoding.maxHeaderFieldSize = limits.fieldSize
      decoding.maxHeaderListSize = limits.headSize
      decoding.maxHeaderFieldCount = limits.fieldCount
      let pipeline = channel.pipeline.syncOperations
      let latest = LatestBytes()
      try pipeline.addHandler(latest)
      try pipeline.configureHTTPServerPipeline(
        withPipeliningAssistance: true,
        withErrorHandling: false,
        withOutboundHeaderValidation: true,
        withEncoderConfiguration: .init(),
        withDecoderLimitConfiguration: decoding
      )
      try pipeline.addHandler(RequestGate(api, limits, clients, latest))
      return Client(channel: channel)
    }
  }

  /// The connection ends with the server.
  func handle(value: Client, logger: Logger) async {
    await withTaskCancellationHandler {
      try? await value.channel.closeFuture.get()
    } onCancel: {
      value.channel.close(promise: nil)
    }
  }
}
