internal import CloseDiagnosis
internal import ConnectionTracking
internal import Monitoring
internal import StateAccounting

extension MetricsText {
  /// Findings, and what waits too long. Each series is there from the beginning: none that goes away is missed.
  static func findings(_ snapshot: Snapshot, _ text: inout Exposition) {
    text.family("tcpstated_findings", .gauge, "What is worth a word now, by id (tcpstated explain ID).") {
      let found = snapshot.findings
      for id in Finding.Identifier.allCases { $0.add(found.count { $0.id == id }, (.id, id.rawValue)) }
    }
    text.family(
      "tcpstated_lingering_ends",
      .gauge,
      "Ends in CLOSE_WAIT or FIN_WAIT_2 for over 60 s, in a handshake for over 3 s; side is where the end lives."
    ) {
      for locality in Locality.allCases {
        for phase in Phase.allCases where phase.waits {
          let ends = snapshot.accounts.lingering.filter { $0.phase == phase && $0.locality == locality }
          let count = ends.reduce(0) { $0 + $1.count }
          $0.add(count, (.state, phase.name.lowercased()), (.side, "\(locality)"))
        }
      }
    }
  }
}
