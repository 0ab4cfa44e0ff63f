package import PacketDecoding

/// Causes counted, of the whole and of each service. A value for a snapshot.
package struct CauseReport: Sendable {
  package private(set) var whole = CauseCounts()
  package private(set) var services: [Endpoint: ServiceCauses] = [:]
  private var endpoints: [UInt32: Endpoint] = [:]

  package init() {}

  package subscript(service: Endpoint) -> ServiceCauses { services[service] ?? ServiceCauses() }

  mutating func name(_ service: UInt32, _ endpoint: Endpoint) {
    // What is beyond the limit of services shares the number 0, which has no address.
    if endpoints[service] == nil {
      endpoints[service] = service == 0 ? Endpoint(address: IPAddress(high: 0, low: 0), port: 0) : endpoint
    }
  }

  mutating func count(_ cause: CloseCause, _ service: UInt32) {
    whole[cause] += 1
    guard let endpoint = endpoints[service] else { return }
    services[endpoint, default: ServiceCauses()].counts[cause] += 1
  }

  mutating func note(_ service: UInt32, _ timeouts: ServiceTimeouts) {
    guard let endpoint = endpoints[service] else { return }
    services[endpoint, default: ServiceCauses()].timeouts = timeouts
  }

  /// For a selection of connections, whose verdicts are known.
  package mutating func count(_ cause: CloseCause, at endpoint: Endpoint) {
    whole[cause] += 1
    services[endpoint, default: ServiceCauses()].counts[cause] += 1
  }
}

package struct ServiceCauses: Sendable {
  package var counts = CauseCounts()
  package var timeouts = ServiceTimeouts()

  package init() {}
}

/// A count per cause.
package struct CauseCounts: Sendable, Equatable {
  private var cells: [Int] = []

  package init() {}

  package subscript(cause: CloseCause) -> Int {
    get { cells.isEmpty ? 0 : cells[Int(cause.rawValue)] }
    set {
      if cells.isEmpty { cells = Array(repeating: 0, count: CloseCause.allCases.count) }
      cells[Int(cause.rawValue)] = newValue
    }
  }
}
