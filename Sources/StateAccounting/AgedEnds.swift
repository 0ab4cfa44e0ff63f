package import ConnectionTracking
package import PacketDecoding

/// Ends that have waited longer than one of the ages that somebody asked for.
package struct AgedAccounts: Sendable {
  /// What was asked for: of other ages nothing is known.
  package var ages: [Seconds]
  package var ends: [AgedEnds] = []

  package init(ages: [Seconds], ends: [AgedEnds] = []) {
    self.ages = ages
    self.ends = ends
  }
}

/// Ends of one service that have waited longer than an age, by who holds them.
package struct AgedEnds: Sendable {
  package var service: Endpoint
  /// Whose ends they are.
  package var role: Role
  package var phase: Phase
  /// Nil when nobody said what is local.
  package var locality: Locality?
  package var ownerNumber: UInt16
  /// Its name.
  package var owner: String?
  package var age: Seconds
  package var count: Int

  package init(
    service: Endpoint,
    role: Role,
    phase: Phase,
    locality: Locality?,
    ownerNumber: UInt16 = 0,
    age: Seconds,
    count: Int
  ) {
    self.service = service
    self.role = role
    self.phase = phase
    self.locality = locality
    self.ownerNumber = ownerNumber
    self.age = age
    self.count = count
  }
}

/// Counts them while the table is looked through.
struct AgedTally: Sendable {
  let ages: [Seconds]
  private var counts: [Key: [Int]] = [:]

  /// More services are not told apart.
  private static let limit = 4096

  private struct Key: Hashable {
    var service: Endpoint
    var role: Role
    var phase: Phase
    var locality: Locality?
    var owner: UInt16
  }

  init(ages: [Seconds]) { self.ages = ages }

  /// - Parameter service: under which it is counted.
  mutating func add(_ end: WaitingEnd, of service: Endpoint, at now: Instant) {
    let waited = now - end.active
    guard let youngest = ages.first, waited >= youngest else { return }
    var key = Key(
      service: service,
      role: end.role,
      phase: end.phase,
      locality: end.locality,
      owner: end.account[end.role].owner
    )
    if counts.count >= Self.limit, counts[key] == nil { (key.service, key.owner) = (.nobody, 0) }
    for (index, age) in ages.enumerated() where waited >= age {
      counts[key, default: Array(repeating: 0, count: ages.count)][index] += 1
    }
  }

  var accounts: AgedAccounts {
    var accounts = AgedAccounts(ages: ages)
    for (key, counts) in counts {
      for (age, count) in zip(ages, counts) where count > 0 {
        accounts.ends.append(
          AgedEnds(
            service: key.service,
            role: key.role,
            phase: key.phase,
            locality: key.locality,
            ownerNumber: key.owner,
            age: age,
            count: count
          )
        )
      }
    }
    return accounts
  }
}
