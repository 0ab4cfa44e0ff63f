import ConnectionTracking
import PacketDecoding
import StateAccounting

/// Ends by state, however they were added up.
protocol EndCounting {
  var client: PhaseCounts { get }
  var server: PhaseCounts { get }
  var local: PhaseCounts { get }
  var remote: PhaseCounts { get }
  var transit: PhaseCounts { get }
}

extension Accounts: EndCounting {}
extension ServiceAccount: EndCounting {}

extension EndCounting {
  func ends(in phases: [Phase], side: AlertRule.Side) -> Int {
    phases.reduce(0) { $0 + ends(in: $1, side: side) }
  }

  private func ends(in phase: Phase, side: AlertRule.Side) -> Int {
    switch side {
    case .local: local[phase]
    case .remote: remote[phase]
    case .transit: transit[phase]
    case .client: client[phase]
    case .server: server[phase]
    case .any: client[phase] + server[phase]
    }
  }
}

extension AlertRule.Side {
  /// Whether the end with this role counts, given where its service runs.
  ///
  /// Of a connection within this host the service's end is taken for ours, the client's for the other one: accounts per
  /// service and per peer do not tell such connections apart.
  func includes(_ role: Role, of locality: Locality?) -> Bool {
    switch self {
    case .any: true
    case .client: role == .client
    case .server: role == .server
    case .transit: locality == .transit
    case .local: locality == .local && role == .server || locality == .remote && role == .client
    case .remote: locality == .local && role == .client || locality == .remote && role == .server
    }
  }
}
