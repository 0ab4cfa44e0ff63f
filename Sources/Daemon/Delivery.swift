internal import AlertDelivery
internal import HTTPPosting
internal import Logging
internal import Settings

/// The servers of the configuration, with their secrets.
enum Delivery {
  /// Nil when alerts go nowhere but to the log.
  ///
  /// - Throws: a secret or a certificate that cannot be read, as one line.
  static func notifier(
    _ worker: WorkerSettings,
    state: StateFile?,
    mailbox: WorkerMailbox,
    logger: Logger
  ) throws -> Notifier? {
    let plan = try plan(worker)
    guard !plan.isEmpty else { return nil }
    let saved = state?.load(SavedDeliveries.self) { $0.version == SavedDeliveries.currentVersion }
    let notifier = try Notifier(plan, saved: saved, ownTraffic: mailbox.ownTraffic, logger: logger) {
      [silences = mailbox.silences] in
      silences.mark($0, at: $1)
    } save: {
      state?.save($0)
    }
    if state == nil {
      logger.warning("there is no state directory: after a restart, servers are told again of what fires")
    }
    return notifier
  }

  private static func plan(_ worker: WorkerSettings) throws(FileFailure) -> DeliveryPlan {
    let settings = worker.settings.delivery
    let page = "http://\(worker.listen ?? worker.settings.http.listen)/"
    var plan = DeliveryPlan(host: worker.host, link: settings.externalURL ?? page)
    plan.alertmanagers = settings.alertmanager.addresses.map { address in
      var server = Server(address, certificates: settings.alertmanager.certificates)
      let end = address.path.firstIndex(of: "?") ?? address.path.endIndex
      let path = address.path[..<end]
      server.path = (path.hasSuffix("/") ? path.dropLast() : path) + "/api/v2/alerts" + address.path[end...]
      return server
    }
    plan.interval = settings.alertmanager.interval
    if let place = settings.alertmanager.headersFile { plan.alertmanagerFields = try SecretFile(place).fields() }
    for webhook in settings.webhooks {
      let address =
        switch webhook.target {
        case .address(let address): address
        case .file(let place): try SecretFile(place).address()
        }
      plan.webhooks.append(
        DeliveryPlan.Webhook(
          name: webhook.name,
          server: Server(address, certificates: webhook.certificates),
          fields: try fields(webhook.headersFile),
          key: try key(webhook.keyFile)
        )
      )
    }
    return plan
  }

  private static func fields(_ place: Settings.SecretPlace?) throws(FileFailure) -> [HeaderField] {
    guard let place else { return [] }
    return try SecretFile(place).fields()
  }

  private static func key(_ place: Settings.SecretPlace?) throws(FileFailure) -> [UInt8]? {
    guard let place else { return nil }
    return try SecretFile(place).key()
  }
}

extension Server {
  init(_ address: WebAddress, certificates: String?) {
    self.init(
      isSecure: address.isSecure,
      host: address.host,
      port: address.port,
      path: address.path,
      certificates: certificates
    )
  }
}
