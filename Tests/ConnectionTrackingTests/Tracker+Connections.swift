@testable import ConnectionTracking

extension Tracker {
  /// Those in the table.
  var connections: [ConnectionView] {
    var connections: [ConnectionView] = []
    table.forEachConnection { connections.append($0) }
    return connections
  }
}

extension Recorder {
  /// Of a tracker, with those that left it, in the order in which they began.
  func connections(of tracker: borrowing Tracker) -> [ConnectionView] {
    (left + tracker.connections).sorted { $0.detail.serial < $1.detail.serial }
  }
}
