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

  static func report(_ snapshot: Snapshot, truncated: Bool) -> [UInt8] {
    var json = JSONWriter(pretty: true)
    json.object { $0.figures(snapshot, truncated: truncated) }
    return json.bytes + [UInt8(ascii: "\n")]
  }
}
