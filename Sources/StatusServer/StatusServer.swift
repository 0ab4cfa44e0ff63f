package import Engine
internal import HTTPTypes
internal import Hummingbird
package import Logging

/// The HTTP side of the daemon.
package struct StatusServer: Sendable {
  private let listeners: [Listener]
  private let logger: Logger

  private struct Listener: Sendable {
    let endpoint: Engine.Endpoint
    let api: API
  }

  package init(
    source: any StatusSource,
    listen: Engine.Endpoint,
    allowedHosts: [String],
    metricsListen: Engine.Endpoint?,
    logger: Logger
  ) {
    let api = API(source: source, host: HostCheck(allowed: allowedHosts))
    var listeners = [Listener(endpoint: listen, api: api)]
    if let metricsListen {
      var metrics = api
      metrics.servesMetricsOnly = true
      listeners.append(Listener(endpoint: metricsListen, api: metrics))
    }
    self.listeners = listeners
    self.logger = logger
  }

  /// Starts all listeners; returns when they accept connections.
  ///
  /// - Throws: the first that cannot, as one line.
  package func start() throws -> RunningServer {
    let running = RunningServer()
    for listener in listeners {
      let outcome = StartOutcome()
      running.add(
        Task {
          do {
            try await application(listener, outcome).runService(gracefulShutdownSignals: [])
          } catch is CancellationError {
            return
          } catch {
            let failure = ListenFailure(endpoint: listener.endpoint, reason: "\(error)")
            if !outcome.settle(failure) { running.fail(failure) }
          }
        }
      )
      if let failure = outcome.wait() {
        running.stop()
        throw failure
      }
    }
    return running
  }

  private func application(_ listener: Listener, _ outcome: StartOutcome) -> some ApplicationProtocol {
    let api = listener.api
    let responder = CallbackResponder<BasicRequestContext> { request, _ in
      let query = request.uri.queryParameters.map { (name: String($0.key), value: String($0.value)) }
      let answer = await api.answer(
        method: request.method.rawValue,
        path: request.uri.path,
        query: query,
        host: request.head.authority
      )
      return Response(answer, isHead: request.method == .head)
    }
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .error)
    return Application(
      responder: responder,
      configuration: .init(
        address: .hostname(listener.endpoint.address.description, port: Int(listener.endpoint.port)),
        serverName: nil
      ),
      onServerRunning: { _ in _ = outcome.settle(nil) },
      logger: quiet
    )
  }
}

extension Response {
  fileprivate init(_ answer: Answer, isHead: Bool) {
    var headers: HTTPFields = [
      .contentType: answer.contentType, .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
      .contentLength: String(answer.body.count),
    ]
    for field in answer.fields {
      if let name = HTTPField.Name(field.name) { headers[name] = field.value }
    }
    self.init(
      status: .init(code: answer.status),
      headers: headers,
      body: isHead ? .init() : .init(byteBuffer: ByteBuffer(bytes: answer.body))
    )
  }
}
