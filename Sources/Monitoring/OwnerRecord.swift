package import ConnectionTracking

/// Who holds the socket of a local end, or held it.
package struct OwnerRecord: Sendable, Equatable {
  /// The systemd unit, or the container; nil for nobody known. Escaped.
  package var unit: String?
  package var attribution: Attribution

  package init(unit: String?, attribution: Attribution) {
    self.unit = unit
    self.attribution = attribution
  }

  /// Whether it goes by `name`, with or without the type of the unit; `none` is nobody known.
  func matches(_ name: String) -> Bool {
    guard let unit else { return name == "none" }
    return unit == name || unit == "\(name).service"
  }
}
