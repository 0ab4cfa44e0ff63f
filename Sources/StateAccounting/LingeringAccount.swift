package import ConnectionTracking
package import PacketDecoding

/// Ends of one service that have waited too long in one state, by who holds them.
package struct LingeringAccount: Sendable {
  package let service: Endpoint
  /// Whose ends they are.
  package let role: Role
  package let phase: Phase
  /// Nil when nobody said what is local.
  package let locality: Locality?
  package let ownerNumber: UInt16
  /// Its name.
  package var owner: String?
  package var count = 0
  /// Of those, what no process holds any more.
  package var orphans = 0
  /// How long the one that waits longest has waited.
  package var longest = Seconds.zero
  /// Some of those that wait longest, longest first.
  package var samples: [Sample] = []

  package struct Sample: Sendable, Equatable {
    package var client: Endpoint
    package var server: Endpoint
    package var waited: Seconds

    package init(client: Endpoint, server: Endpoint, waited: Seconds) {
      self.client = client
      self.server = server
      self.waited = waited
    }
  }

  package init(
    service: Endpoint,
    role: Role,
    phase: Phase,
    locality: Locality? = nil,
    ownerNumber: UInt16 = 0
  ) {
    self.service = service
    self.role = role
    self.phase = phase
    self.locality = locality
    self.ownerNumber = ownerNumber
  }

  private static let sampleLimit = 3

  mutating func add(_ end: WaitingEnd, waited: Seconds) {
    count += 1
    if end.isOrphan { orphans += 1 }
    longest = max(longest, waited)
    let position = samples.firstIndex { $0.waited < waited } ?? samples.count
    guard position < Self.sampleLimit else { return }
    samples.insert(Sample(client: end.client, server: end.server, waited: waited), at: position)
    if samples.count > Self.sampleLimit { samples.removeLast() }
  }
}

/// Looks for ends that have waited too long, a part of the table at a time.
package struct LingeringSurvey: Sendable {
  /// What the last complete look found, most ends first; bounded.
  package private(set) var latest: [LingeringAccount] = []
  /// The slot to go on with.
  package private(set) var next: UInt32 = 0
  private var accounts: [Key: LingeringAccount] = [:]
  /// What the last complete look found of the ages that are asked for; nil before there was one.
  package private(set) var aged: AgedAccounts?
  private var tally = AgedTally(ages: [])

  private static let listed = 100
  /// More are not told apart.
  private static let accountLimit = 4096

  private struct Key: Hashable {
    var service: UInt32
    var owner: UInt16
    var role: Role
    var phase: Phase
    var locality: Locality?
  }

  package init() {}

  /// From now on ends that have waited as long are counted, beside those that have waited too long.
  package mutating func count(ages: Set<Seconds>) {
    let ages = ages.sorted()
    guard ages != tally.ages else { return }
    // Begins anew: what was counted up to here was not counted for them.
    (tally, aged, accounts, next) = (AgedTally(ages: ages), nil, [:], 0)
  }

  package mutating func add(_ end: WaitingEnd, at now: Instant) {
    let isShared = end.account.service == 0
    tally.add(end, of: isShared ? .nobody : end.server, at: now)
    guard now - end.active >= end.phase.patience else { return }
    let owner = end.account[end.role].owner
    let key = Key(
      service: end.account.service,
      owner: owner,
      role: end.role,
      phase: end.phase,
      locality: end.locality
    )
    guard accounts[key] != nil || accounts.count < Self.accountLimit else { return }
    let account = LingeringAccount(
      service: isShared ? .nobody : end.server,
      role: end.role,
      phase: end.phase,
      locality: end.locality,
      ownerNumber: owner
    )
    accounts[key, default: account].add(end, waited: now - end.since)
  }

  /// - Parameter slot: nil when the table has been looked through.
  package mutating func goOn(with slot: UInt32?) {
    next = slot ?? 0
    guard slot == nil else { return }
    latest = Array(accounts.values.sorted { $0.outranks($1) }.prefix(Self.listed))
    accounts = [:]
    aged = tally.accounts
    tally = AgedTally(ages: tally.ages)
  }

  /// Nothing waits.
  package mutating func clear() {
    guard !latest.isEmpty || next != 0 || aged?.ends.isEmpty != true else { return }
    let ages = tally.ages
    self = LingeringSurvey()
    tally = AgedTally(ages: ages)
    aged = AgedAccounts(ages: ages)
  }
}

extension LingeringAccount {
  fileprivate func outranks(_ other: LingeringAccount) -> Bool {
    if count != other.count { return count > other.count }
    if longest != other.longest { return longest > other.longest }
    return (phase.rawValue, role.rawValue, "\(service)") < (
      other.phase.rawValue, other.role.rawValue, "\(other.service)"
    )
  }
}

extension Endpoint {
  /// In place of services beyond the limit.
  static let nobody = Endpoint(address: IPAddress(high: 0, low: 0), port: 0)
}
