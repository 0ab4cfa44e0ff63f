package import HTTPPosting
package import PacketDecoding

/// Where alerts go beside the log, with everything that is needed for it. It holds secrets.
package struct DeliveryPlan: Sendable {
  package var alertmanagers: [Server] = []
  /// After which what fires is said again.
  package var interval = Seconds(60)
  package var alertmanagerFields: [HeaderField] = []
  package var webhooks: [Webhook] = []
  /// What receivers tell this daemon from others by.
  package var host: String
  /// Where a reader finds more.
  package var link: String

  package init(host: String, link: String) {
    self.host = host
    self.link = link
  }

  package var isEmpty: Bool { alertmanagers.isEmpty && webhooks.isEmpty }

  package struct Webhook: Sendable {
    package var name: String
    package var server: Server
    package var fields: [HeaderField]
    package var key: [UInt8]?

    package init(name: String, server: Server, fields: [HeaderField], key: [UInt8]?) {
      self.name = name
      self.server = server
      self.fields = fields
      self.key = key
    }
  }
}
