package import PacketDecoding

extension Settings {
  /// Where alerts go beside the log.
  package struct Delivery: Sendable, Equatable {
    /// Where a reader of an alert finds more; nil: `http.listen`.
    package var externalURL: String?
    package var alertmanager = Alertmanager()
    package var webhooks: [Webhook] = []

    package init() {}
  }

  package struct Alertmanager: Sendable, Equatable {
    /// Each gets everything; none: off.
    package var addresses: [WebAddress] = []
    /// After which what fires is said again.
    package var interval = Seconds(60)
    package var headersFile: SecretPlace?
    /// Certificates to trust instead of the system's.
    package var certificates: String?

    package init() {}
  }

  package struct Webhook: Sendable, Equatable {
    package var name: String
    package var target: Target
    package var headersFile: SecretPlace?
    package var keyFile: SecretPlace?
    package var certificates: String?

    package init(name: String, target: Target) {
      self.name = name
      self.target = target
    }
  }

  package enum Target: Sendable, Equatable {
    case address(WebAddress)
    /// The address is a secret itself.
    case file(SecretPlace)
  }

  /// Where a secret is kept. What it is is read when the daemon starts, and shown nowhere.
  package enum SecretPlace: Sendable, Equatable {
    case file(String)
    /// Handed over by systemd (LoadCredential=), by this name.
    case credential(String)
  }
}

extension Settings.Delivery {
  package var isOn: Bool { !alertmanager.addresses.isEmpty || !webhooks.isEmpty }

  /// What it does, a sentence for each server; secrets by the files that they are in.
  package var sentences: [String] {
    let servers = alertmanager.addresses.map { "sends alerts to Alertmanager at \($0.origin)" }
    return servers
      + webhooks.map { webhook in
        let place =
          switch webhook.target {
          case .address(let address): "at \(address.origin)"
          case .file(let place): "at the address in \(place)"
          }
        let seal = webhook.keyFile.map { ", signed with the key in \($0)" } ?? ", not signed"
        return "sends alerts to webhook \(webhook.name) \(place)\(seal)"
      }
  }
}

extension Settings.SecretPlace: CustomStringConvertible {
  package var description: String {
    switch self {
    case .file(let path): path
    case .credential(let name): "credential:\(name)"
    }
  }
}
