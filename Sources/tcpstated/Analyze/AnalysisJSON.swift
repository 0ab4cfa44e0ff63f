import Alerting
import Monitoring
import Reporting

/// The contract's 4.2 and 4.3, as `analyze` prints them.
enum AnalysisJSON {
  /// A connection a line.
  static func line(_ record: ConnectionRecord) -> [UInt8] {
    var json = JSONWriter()
    json.connection(nil, record)
    return json.bytes + [UInt8(ascii: "\n")]
  }

  /// - Parameter filter: which connections the figures are of; nil for all.
  static func report(_ snapshot: Snapshot, _ events: [AlertEvent]?, filter: String?, truncated: Bool) -> [UInt8] {
    var json = JSONWriter(pretty: true)
    json.object { json in
      if let filter { json.member("filter", SafeText.escape(filter)) }
      json.figures(snapshot, truncated: truncated)
      if let events { json.alerts(AlertStory.stories(of: events).map(\.told)) }
    }
    return json.bytes + [UInt8(ascii: "\n")]
  }
}
