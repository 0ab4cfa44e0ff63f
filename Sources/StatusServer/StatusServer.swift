internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix
package import PacketDecoding
internal import ServiceLifecycle

/// The HTTP side of the daemon.
package struct StatusServer: Sendable {
  private let listeners: [Listener]
  private let limits: ServerLimits

  private struct Listener: Sendable {
    let address: ListenAddress
    let api: API
    /// What chooses another address.
    let setting: String
  }

  package init(
    source: any StatusSource,
    listen: PacketDecoding.Endpoint,
    socket: String? = nil,
    allowedHosts: [String],
    metricsListen: PacketDecoding.Endpoint?,
    limits: ServerLimits = ServerLimits()
  ) {
    let budget = AnswerBudget(bytes: limits.answerBytes)
    let api = API(source: source, host: HostCheck(allowed: allowedHosts), budget: budget, limits: limits)
    var listeners = [Listener(address: .tcp(listen), api: api, setting: "--listen")]
    if let socket {
      var local = api
      local.servesPackets = true
      listeners.append(Listener(address: .unix(path: socket), api: local, setting: "http.socket"))
    }
    if let metricsListen {
      var metrics = api
      metrics.servesMetricsOnly = true
      listeners.append(Listener(address: .tcp(metricsListen), api: metrics, setting: "http.metrics_listen"))
    }
    self.listeners = listeners
    self.limits = limits
  }

  /// Starts all listeners; returns when they accept connections.
  ///
  /// - Throws: the first that cannot, as one line.
  package func start() throws -> RunningServer {
    let running = RunningServer()
    for listener in listeners {
      do {
        switch listener.address {
        case .tcp: try start(listener, in: running)
        case .unix(let path): try start(listener, at: SocketFile(path), in: running)
        }
      } catch {
        running.stop()
        throw error
      }
    }
    return running
  }

  private func start(_ listener: Listener, at file: SocketFile, in running: RunningServer) throws {
    try file.makeWay()
    try start(listener, in: running)
    try file.adopt()
    running.add(file)
  }

  private func start(_ listener: Listener, in running: RunningServer) throws {
    let outcome = StartOutcome()
    let task = Task {
      let failure: ListenFailure
      do {
        try await service(listener, outcome).run()
        // The library does not say why it accepts no more.
        failure = ListenFailure(listener.address, reason: "no more connections are accepted")
      } catch {
        failure = ListenFailure(listener.address, error, setting: listener.setting)
      }
      guard !Task.isCancelled else { return }
      if !outcome.settle(.failure(failure)) { running.fail(failure) }
    }
    running.add(task)
    running.add(listener.address.bound(to: try outcome.wait()))
  }

  private func service(_ listener: Listener, _ outcome: StartOutcome) -> any Service {
    // What the library would log is in no words of ours, and comes from clients that went away.
    let quiet = Logger(label: "http") { _ in SwiftLogNoOpLogHandler() }
    let clients = WaitingClients(limit: limits.connections)
    return GuardedHTTP1(api: listener.api, limits: limits, clients: clients).server(
      configuration: ServerConfiguration(
        address: listener.address.toBind,
        availableConnectionsDelegate: .maximum(limits.connections + limits.spareConnections, logger: quiet)
      ),
      onServerRunning: { channel in
        _ = outcome.settle(.success(channel.localAddress?.port.flatMap { UInt16(exactly: $0) }))
      },
      eventLoopGroup: Self.eventLoops,
      logger: quiet
    )
  }

  /// One thread serves all listeners: what answers cost is elsewhere.
  private static let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
}

extension ListenAddress {
  fileprivate func bound(to port: UInt16?) -> ListenAddress {
    guard case .tcp(let endpoint) = self, let port else { return self }
    return .tcp(Endpoint(address: endpoint.address, port: port))
  }

  fileprivate var toBind: BindAddress {
    switch self {
    case .tcp(let endpoint): .hostname(endpoint.address.description, port: Int(endpoint.port))
    case .unix(let path): .unixDomainSocket(path: path)
    }
  }
}
