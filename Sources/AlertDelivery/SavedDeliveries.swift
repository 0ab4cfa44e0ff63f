/// What has to outlive the daemon.
package struct SavedDeliveries: Codable, Sendable {
  package static let currentVersion = 1

  package var version = SavedDeliveries.currentVersion
  var webhooks: [String: NotificationBook]
  var alertmanager: AlertmanagerBook?
}
