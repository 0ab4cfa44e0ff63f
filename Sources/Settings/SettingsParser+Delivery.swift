import PacketDecoding
import Yams

extension SettingsParser {
  /// More would be a mistake: each is a task and a connection of its own.
  private static let serverLimit = 16

  mutating func delivery(_ node: Node, _ path: String) -> Settings.Delivery? {
    guard let section = section(node, path: path, keys: ["external_url", "alertmanager", "webhooks"]) else {
      return nil
    }
    var delivery = Settings.Delivery()
    assign(&delivery.externalURL, section, "external_url") { parser, node, path in
      node.isNull ? nil : parser.address(node, path) == nil ? nil : node.scalar?.string
    }
    assign(&delivery.alertmanager, section, "alertmanager") { $0.alertmanager($1, $2) }
    var names: Set<String> = []
    assign(&delivery.webhooks, section, "webhooks") { parser, node, path in
      parser.atMost(Self.serverLimit, node, path) { $0.webhook($1, $2, &names) }
    }
    return delivery
  }

  private mutating func alertmanager(_ node: Node, _ path: String) -> Settings.Alertmanager? {
    let keys = ["urls", "interval", "headers_file", "ca_file"]
    guard let section = section(node, path: path, keys: keys) else { return nil }
    var settings = Settings.Alertmanager()
    assign(&settings.addresses, section, "urls") { parser, node, path in
      parser.atMost(Self.serverLimit, node, path) { $0.address($1, $2) }
    }
    assign(&settings.interval, section, "interval") { $0.duration($1, $2, in: Seconds(1)...Seconds(3600)) }
    assign(&settings.headersFile, section, "headers_file") { $0.secret($1, $2) }
    assign(&settings.certificates, section, "ca_file") { $0.path($1, $2) }
    return settings
  }

  private mutating func webhook(_ node: Node, _ path: String, _ names: inout Set<String>) -> Settings.Webhook? {
    let keys = ["name", "url", "url_file", "headers_file", "hmac_key_file", "ca_file"]
    guard let section = section(node, path: path, keys: keys) else { return nil }
    guard let nameNode = section["name"] else {
      report(node, "\(path): a webhook needs a name")
      return nil
    }
    guard let name = name(nameNode, section.path(of: "name")), let target = target(section) else { return nil }
    if !names.insert(name).inserted {
      report(nameNode, "\(section.path(of: "name")): there is a webhook \"\(name.shown)\" already")
    }
    var webhook = Settings.Webhook(name: name, target: target)
    assign(&webhook.headersFile, section, "headers_file") { $0.secret($1, $2) }
    assign(&webhook.keyFile, section, "hmac_key_file") { $0.secret($1, $2) }
    assign(&webhook.certificates, section, "ca_file") { $0.path($1, $2) }
    return webhook
  }

  private mutating func target(_ section: Section) -> Settings.Target? {
    switch (section["url"], section["url_file"]) {
    case (let node?, nil): return address(node, section.path(of: "url")).map(Settings.Target.address)
    case (nil, let node?): return secret(node, section.path(of: "url_file")).map(Settings.Target.file)
    case (nil, nil), (.some, .some):
      report(section.node, "\(section.path): a webhook needs either url or url_file")
      return nil
    }
  }

  /// It is a label of metrics, and a word in messages.
  private mutating func name(_ node: Node, _ path: String) -> String? {
    guard let name = text(node, path) else { return nil }
    let isPlain = name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    if isPlain, name.utf8.count <= 64 { return name }
    report(node, "\(path): needs a name of at most 64 letters, digits and signs, not \(node.kind)")
    return nil
  }

  /// What is wrong with one is not shown: it may hold a secret.
  private mutating func address(_ node: Node, _ path: String) -> WebAddress? {
    if let address = node.scalar.flatMap({ WebAddress($0.string) }) { return address }
    report(
      node,
      "\(path): needs a URL such as https://alerts.example:9093/path, without a user (secrets belong in url_file and "
        + "headers_file)"
    )
    return nil
  }

  /// A file, or `credential:NAME`.
  mutating func secret(_ node: Node, _ path: String) -> Settings.SecretPlace? {
    if node.isNull { return nil }
    let text = node.scalar?.string ?? ""
    if text.hasPrefix("/"), !text.utf8.contains(0) { return .file(text) }
    let name = String(text.dropFirst("credential:".count))
    if text.hasPrefix("credential:"), !name.isEmpty, !name.hasPrefix("."), !name.contains("/"), !name.utf8.contains(0) {
      return .credential(name)
    }
    // Not what stands there: it may be the secret itself.
    report(node, "\(path): needs the absolute path of a file, or credential:NAME (LoadCredential= in the unit)")
    return nil
  }

  private mutating func atMost<Element>(
    _ limit: Int,
    _ node: Node,
    _ path: String,
    _ read: (inout SettingsParser, Node, String) -> Element?
  ) -> [Element]? {
    if let count = node.sequence?.count, count > limit {
      report(node, "\(path): \(limit) at most, not \(count)")
      return nil
    }
    return list(node, path, read)
  }
}
