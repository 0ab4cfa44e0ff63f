package import PacketDecoding

/// Causes counted, of the whole and of each service. A value for a snapshot.
package struct CauseReport: Sendable {
  package private(set) var whole = CauseCounts()
  private var causes: [ServiceCauses] = []
  private var endpoints: [Endpoint?] = []
  /// Of services that are no longer told apart, and of others before they were.
  package private(set) var past = CauseCounts()

  package init() {}

  package var services: [(service: Endpoint, causes: ServiceCauses)] {
    zip(endpoints, causes).compactMap { endpoint, causes in endpoint.map { ($0, causes) } }
  }

  package var byService: [Endpoint: ServiceCauses] {
    Dictionary(services.map { ($0.service, $0.causes) }, uniquingKeysWith: { first, _ in first })
  }

  /// Whether it has the name of a service.
  @inline(__always)
  func names(_ service: UInt32) -> Bool { Int(service) < endpoints.count && endpoints[Int(service)] != nil }

  package mutating func name(_ service: UInt32, _ endpoint: Endpoint) {
    guard !names(service) else { return }
    let number = Int(service)
    grow(to: number)
    // What is beyond the limit of services shares the number 0, which has no address.
    endpoints[number] = number == 0 ? Endpoint(address: IPAddress(high: 0, low: 0), port: 0) : endpoint
  }

  mutating func keepPast(of service: UInt32) {
    guard Int(service) < causes.count else { return }
    past.add(causes[Int(service)].counts)
    causes[Int(service)].counts = CauseCounts(undecided: causes[Int(service)].counts.undecided)
  }

  mutating func release(_ service: UInt32) {
    guard Int(service) < causes.count else { return }
    keepPast(of: service)
    causes[Int(service)] = ServiceCauses()
    endpoints[Int(service)] = nil
  }

  private mutating func grow(to number: Int) {
    let missing = max(number + 1 - endpoints.count, 0)
    endpoints.append(contentsOf: repeatElement(nil, count: missing))
    causes.append(contentsOf: repeatElement(ServiceCauses(), count: missing))
  }

  /// - Parameter client: whose connection it was, where that is worth knowing.
  @inline(__always)
  package mutating func count(_ cause: CloseCause, _ service: UInt32, of client: Endpoint? = nil) {
    whole[cause] += 1
    if Int(service) < causes.count { causes[Int(service)].count(cause, of: client) }
  }

  /// Closes of which nobody wants to know whose they were.
  mutating func countUnheard(_ cause: CloseCause, _ service: UInt32, _ count: Int) {
    guard count > 0 else { return }
    whole[cause] += count
    if Int(service) < causes.count { causes[Int(service)].counts[cause] += count }
  }

  /// One more close waits for others, or one less.
  @inline(__always)
  mutating func countUndecided(_ change: Int, _ service: UInt32) {
    whole.undecided += change
    // The number may have gone to another service meanwhile.
    if Int(service) < causes.count { causes[Int(service)].counts.countUndecided(change) }
  }

  mutating func note(_ service: UInt32, _ timeouts: ServiceTimeouts) {
    if Int(service) < causes.count { causes[Int(service)].timeouts = timeouts }
  }
}

package struct ServiceCauses: Sendable {
  package var counts = CauseCounts()
  package var timeouts = ServiceTimeouts()
  /// Of causes that occurred, in the order of their first time.
  private var evidence: [CauseEvidence] = []

  package init() {}

  package func evidence(of cause: CloseCause) -> CauseEvidence? { evidence.first { $0.cause == cause } }

  @inline(__always)
  mutating func count(_ cause: CloseCause, of client: Endpoint?) {
    counts[cause] += 1
    if let client { note(client, cause) }
  }

  @inline(__always)
  mutating func note(_ client: Endpoint, _ cause: CloseCause) {
    var index = 0
    while index < evidence.count, evidence[index].cause != cause { index += 1 }
    if index == evidence.count { begin(cause, client) } else { evidence[index].add(client) }
  }

  @inline(never)
  private mutating func begin(_ cause: CloseCause, _ client: Endpoint) { evidence.append(CauseEvidence(cause, client)) }
}

/// A count per cause.
package struct CauseCounts: Sendable {
  private var cells: InlineArray<32, Int> = InlineArray(repeating: 0)
  /// Closes whose cause shows only by what others do, until it does.
  package internal(set) var undecided = 0

  package init() {}

  init(undecided: Int) {
    self.undecided = undecided
  }

  @inline(__always)
  fileprivate mutating func countUndecided(_ change: Int) { undecided = max(0, undecided + change) }

  /// What shares are taken of: otherwise those causes that are known at once would seem to be all.
  package var closes: Int { total + undecided }

  package var total: Int { CloseCause.allCases.reduce(0) { $0 + self[$1] } }

  mutating func add(_ other: CauseCounts) {
    for cause in CloseCause.allCases where other[cause] > 0 { self[cause] += other[cause] }
  }

  package subscript(cause: CloseCause) -> Int {
    // What can be asked for is in bounds: the mask tells the optimizer.
    @inline(__always) get { cells[Int(cause.rawValue & 31)] }
    @inline(__always) _modify { yield &cells[Int(cause.rawValue & 31)] }
  }
}

extension CauseCounts: Equatable {
  package static func == (a: CauseCounts, b: CauseCounts) -> Bool {
    a.undecided == b.undecided && CloseCause.allCases.allSatisfy { a[$0] == b[$0] }
  }
}
