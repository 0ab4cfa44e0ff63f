/// How sending alerts to one server goes, since start.
package struct DeliveryStatus: Sendable, Equatable {
  /// `alertmanager` or `webhook`.
  package var kind: String
  /// As the configuration names it; of an address nothing but host and port.
  package var name: String
  /// Notifications that wait, the one that is being sent among them.
  package var waiting = 0
  /// Requests that the server took.
  package var delivered = 0
  /// Attempts that failed.
  package var failed = 0
  /// Notifications that were given up: refused by the server, or over before there was room for them.
  package var dropped = 0
  /// Of the last attempt; nil when it went well.
  package var lastError: String?

  package init(kind: String, name: String) {
    self.kind = kind
    self.name = name
  }
}
