import Monitoring
import PacketDecoding
import StateAccounting

/// What the text report of `analyze` is made of.
struct AnalysisSummary {
  /// As they were named, in the order of their first packets.
  var files: [String]
  var first: Timestamp?
  var last: Timestamp?
  /// Which connections the figures are of; nil for all.
  var filter: String?
  /// Where files are damaged, a sentence each.
  var damage: [String] = []
  var overview: Overview
  var peers: [PeerLine] = []
}

extension AnalysisSummary {
  init(_ snapshot: Snapshot, files: [String], filter: String?, damage: [String]) {
    self.files = files
    first = snapshot.first
    last = snapshot.last
    self.filter = filter
    self.damage = damage
    overview = Overview(snapshot)
    peers = snapshot.accounts.peers.map(PeerLine.init)
  }
}
