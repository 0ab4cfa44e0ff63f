internal import Monitoring
internal import PacketDecoding
internal import StateAccounting

extension MetricsText {
  /// Ports by destination; local addresses that use the same one are shown by the one that uses most.
  static func ports(_ snapshot: Snapshot, _ text: inout Exposition) {
    let labelled = 50
    var seen: Set<Endpoint> = []
    let uses = snapshot.accounts.portUses.filter { seen.insert($0.destination).inserted }.prefix(labelled)
    let forecasts = uses.map { (label: $0.destination.description, use: $0, forecast: snapshot.settings?.forecast($0)) }
    text.family("tcpstated_ephemeral_ports_used", .gauge, "Ports that a local address holds towards a destination.") {
      for (label, use, _) in forecasts { $0.add(use.used, (.destination, label)) }
    }
    text.family("tcpstated_ephemeral_ports_limit", .gauge, "Ports that connect(2) may take.") {
      for (label, _, forecast) in forecasts {
        if let forecast { $0.add(forecast.limit, (.destination, label)) }
      }
    }
    text.family("tcpstated_ephemeral_exhaustion_seconds", .gauge, "Until no port is left, as things go.") {
      for (label, _, forecast) in forecasts {
        if let seconds = forecast?.secondsToExhaustion { $0.add(Int(seconds), (.destination, label)) }
      }
    }
  }
}
