package import ConnectionTracking
package import PacketDecoding

/// What became of an account, for those who keep things by its number.
package enum AccountChange: Sendable, Equatable {
  /// From now on the service is counted under a label of its own: what was counted before is counted among the others.
  case labelled(service: UInt32)
  /// Nothing is left of it, and the number may be another's.
  case released(service: UInt32)
  case releasedPeer(UInt32)
}

/// Who has an account. Accounts are for those that answer: what nobody answered has a share of the places, and makes way
/// when it has been quiet for some minutes, as others do when places are scarce, or after a longer time.
extension Ledger {
  // MARK: Coming

  @inline(__always)
  mutating func number(of server: Endpoint, _ side: LocalSide, isProven: Bool) -> UInt32 {
    recent(server) ?? find(server, side, isProven: isProven)
  }

  /// The number of a service that was asked for lately.
  @inline(__always)
  mutating func recent(_ server: Endpoint) -> UInt32? {
    recentServices.number(of: server)
  }

  @inline(never)
  private mutating func find(_ server: Endpoint, _ side: LocalSide, isProven: Bool) -> UInt32 {
    guard let number = serviceNumbers.find(hasher(server, salt: 0), { services[$0].service == server }) else {
      return add(server, side, isProven: isProven)
    }
    recentServices.note(server, number)
    return number
  }

  /// The number of a service that has one.
  @inline(__always)
  mutating func known(_ server: Endpoint) -> UInt32? {
    recent(server) ?? serviceNumbers.find(hasher(server, salt: 0)) { services[$0].service == server }
  }

  /// That of a service which was not asked for lately; 0 where it has none.
  @inline(never)
  mutating func knownBefore(_ server: Endpoint) -> UInt32 {
    serviceNumbers.find(hasher(server, salt: 0)) { services[$0].service == server } ?? 0
  }

  private mutating func add(_ server: Endpoint, _ side: LocalSide, isProven: Bool) -> UInt32 {
    guard let number = servicePlaces.take(isProven: isProven) else { return 0 }
    var account = ServiceAccount(service: server, number: Int(number), locality: side.locality(of: .server))
    account.hasLabel = labelled < limits.labels && (isProven || unprovenLabelled < limits.unprovenLabels)
    if account.hasLabel { labelled += 1 }
    if account.hasLabel, !isProven { unprovenLabelled += 1 }
    services.put(account, at: Int(number))
    serviceNumbers.insert(number, hasher(server, salt: 0))
    return number
  }

  @inline(__always)
  mutating func peerNumber(of address: IPAddress, service: UInt32, at server: Endpoint, isProven: Bool) -> UInt32 {
    let hash = hash(ofPeer: address, service)
    if let number = peerNumbers.find(hash, { peers[$0].belongs(address, service) }) { return number }
    // In a flood there is none left, as a rule.
    guard peerPlaces.hasRoom(isProven: isProven) else { return 0 }
    return add(address, hash, service: service, at: server, isProven: isProven)
  }

  @inline(never)
  private mutating func add(
    _ address: IPAddress,
    _ hash: UInt64,
    service: UInt32,
    at server: Endpoint,
    isProven: Bool
  ) -> UInt32 {
    guard let number = peerPlaces.take(isProven: isProven) else { return 0 }
    let endpoint = service == 0 ? Self.other : server
    peers.put(PeerAccount(address: address, service: endpoint, serviceNumber: service), at: Int(number))
    peerNumbers.insert(number, hash)
    return number
  }

  @inline(__always)
  func hash(ofPeer address: IPAddress, _ service: UInt32) -> UInt64 {
    hasher(Endpoint(address: address, port: 0), salt: service)
  }

  // MARK: Answering

  /// The server of a connection that shares an account answers its SYN: now it gets accounts of its own, if there are
  /// any left.
  package mutating func answered(
    _ key: AccountKey,
    client: Endpoint,
    server: Endpoint,
    _ standing: Standing
  ) -> AccountKey {
    var new = key
    if key.service == 0 { new.service = number(of: server, standing.localSide, isProven: true) }
    new.peer = peerNumber(of: client.address, service: new.service, at: server, isProven: true)
    if new.service != key.service {
      for (number, amount) in [(Int(key.service), -1), (Int(new.service), 1)] {
        services[number].connections += amount
        services[number].takenOver += amount
        services[number].post(standing, amount)
      }
    }
    if new.peer != key.peer {
      peers[Int(key.peer)].hand(standing, -1)
      peers[Int(new.peer)].hand(standing, 1)
      peers[Int(new.peer)].note(port: client.port)
    }
    return new
  }

  /// Somebody is there.
  @inline(__always)
  package mutating func prove(_ key: AccountKey) {
    if !servicePlaces.isProven(key.service) { prove(service: Int(key.service)) }
    if !peerPlaces.isProven(key.peer) { peerPlaces.prove(key.peer) }
  }

  @inline(never)
  private mutating func prove(service number: Int) {
    servicePlaces.prove(UInt32(number))
    if services[number].hasLabel {
      unprovenLabelled -= 1
    } else if labelled < limits.labels {
      labelled += 1
      services[number].hasLabel = true
      keepPast(of: number)
      changes.append(.labelled(service: UInt32(number)))
    }
  }

  // MARK: Going

  /// Looks at some of the accounts, so that each is looked at in turn, and gives those back that have long been quiet.
  /// Once a second.
  package mutating func giveBackQuiet() {
    second &+= 1
    for number in Self.some(of: services.count, from: &nextLookAtServices) { look(atService: number) }
    for number in Self.some(of: peers.count, from: &nextLookAtPeers) { look(atPeer: number) }
  }

  private mutating func look(atService number: Int) {
    guard services[number].connections > 0, !services[number].hasLabel else { return }
    let isOver = services[number].quiet.isOver(
      isLive: services[number].isLive,
      connections: services[number].connections,
      hurried: !servicePlaces.isProven(UInt32(number)) || servicePlaces.areScarce,
      at: second
    )
    if isOver { release(service: number) }
  }

  private mutating func look(atPeer number: Int) {
    guard peers[number].connections > 0 else { return }
    let isOver = peers[number].quiet.isOver(
      isLive: peers[number].isLive,
      connections: peers[number].connections,
      hurried: !peerPlaces.isProven(UInt32(number)) || peerPlaces.areScarce,
      at: second
    )
    if isOver { release(peer: number) }
  }

  /// Each in its turn, twice a minute. Number 0 is nobody's.
  private static func some(of count: Int, from next: inout Int) -> Range<Int> {
    if next >= count { next = 1 }
    let start = next
    next = max(start, min(start + (count + 31) / 32, count))
    return start..<next
  }

  private mutating func release(service number: Int) {
    let account = services[number]
    keepPast(of: number)
    serviceNumbers.remove(UInt32(number), hasher(account.service, salt: 0))
    servicePlaces.giveBack(UInt32(number))
    services[number] = ServiceAccount(service: Self.other, number: number)
    recentServices.forget(UInt32(number))
    changes.append(.released(service: UInt32(number)))
    // Its peers have been quiet for as long.
    for peer in 1..<max(peers.count, 1) where peers[peer].serviceNumber == UInt32(number) { release(peer: peer) }
  }

  private mutating func release(peer number: Int) {
    let account = peers[number]
    guard account.connections > 0 else { return }
    pastOfPeers.addPast(account)
    peerNumbers.remove(UInt32(number), hash(ofPeer: account.address, account.serviceNumber))
    peerPlaces.giveBack(UInt32(number))
    peers[number] = PeerAccount(address: Self.other.address, service: Self.other)
    portHistories.removeValue(forKey: UInt32(number))
    changes.append(.releasedPeer(UInt32(number)))
  }

  /// What is over of an account is added up with that of others.
  private mutating func keepPast(of number: Int) {
    let part = services[number].takePast()
    let place = past.firstIndex { $0.locality == part.locality } ?? past.count
    if place == past.count { past.append(ServiceAccount(service: Self.other, locality: part.locality)) }
    past[place].addPast(part)
  }
}

extension Standing {
  /// Only the kernel's table knows of a TIME_WAIT whose beginning nobody saw.
  @inline(__always)
  var isKnownFromTable: Bool { clientPhase == .timeWait || serverPhase == .timeWait }
}
