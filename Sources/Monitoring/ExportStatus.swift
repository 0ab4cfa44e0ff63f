/// How sending to one place goes, since start.
package struct ExportStatus: Sendable, Equatable {
  /// `json`, `ipfix` or `remote_write`.
  package var kind: String
  /// Where it goes.
  package var name: String
  /// Connections, or requests with metrics, that wait.
  package var waiting = 0
  /// Those that were taken over there, and those that were given up.
  package var exported = 0
  package var dropped = 0
  /// Attempts that failed.
  package var failed = 0
  /// Of the last attempt; nil when it went well.
  package var lastError: String?

  package init(kind: String, name: String) {
    self.kind = kind
    self.name = name
  }
}
