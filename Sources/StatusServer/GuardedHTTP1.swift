internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1

/// A connection of a client: HTTP/1.1, one request at a time, behind a gate.
struct GuardedHTTP1: ServerChildChannel, HTTPChannelHandler {
  let responder: HTTPChannelHandler.Responder
  let limits: ServerLimits
  let clients: WaitingClients

  func setup(
    channel: any Channel,
    logger: Logger
  ) -> EventLoopFuture<NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>> {
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
      try pipeline.addHandler(RequestGate(limits, clients, latest))
      try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
      return try NIOAsyncChannel(
        wrappingChannelSynchronously: channel,
        configuration: .init(isOutboundHalfClosureEnabled: true)
      )
    }
  }

  func handle(value: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>, logger: Logger) async {
    await handleHTTP(asyncChannel: value, logger: logger)
  }
}
