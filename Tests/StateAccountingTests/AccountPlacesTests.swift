import ConnectionTracking
import PacketDecoding
import Testing

@testable import StateAccounting

/// Who answers gets an account, who has long been quiet gives it back, and nothing that was counted is lost by it.
@Suite struct AccountPlacesTests {
  private static func standing(
    _ client: Phase,
    _ server: Phase,
    _ first: ClosedFirst = .none,
    _ kind: CloseKind = .none
  ) -> Standing {
    Standing(clientPhase: client, serverPhase: server, closedFirst: first, closeKind: kind, localSide: .server)
  }

  private static let asked = standing(.synSent, .listen)
  private static let refused = standing(.closed, .closed, .none, .refused)
  private static let accepted = standing(.synSent, .synReceived)
  private static let open = standing(.established, .established)
  private static let closed = standing(.closed, .closed, .client, .fin)

  private static func client(_ number: Int) -> Endpoint {
    Endpoint(address: IPAddress(ipv4: 0x0A00_0000 + UInt32(number)), port: 40000)
  }

  private static func server(_ number: Int) -> Endpoint {
    Endpoint(address: IPAddress(ipv4: 0xC000_0200 + UInt32(number >> 16)), port: UInt16(number & 0xFFFF))
  }

  /// Asks a port that refuses.
  private static func scan(_ ledger: inout Ledger, _ client: Int, _ server: Int) {
    let key = ledger.open(client: Self.client(client), server: Self.server(server), asked)
    ledger.move(key, from: asked, to: refused)
  }

  /// Opens a connection that is answered.
  @discardableResult
  private static func connect(_ ledger: inout Ledger, _ client: Int, _ server: Int) -> AccountKey {
    var key = ledger.open(client: Self.client(client), server: Self.server(server), asked)
    if key.isShared {
      key = ledger.answered(key, client: Self.client(client), server: Self.server(server), asked)
    }
    ledger.move(key, from: asked, to: accepted)
    ledger.move(key, from: accepted, to: open)
    return key
  }

  private static func wait(_ ledger: inout Ledger, seconds: Int) {
    for _ in 0..<seconds { ledger.giveBackQuiet() }
  }

  private static func limits(_ services: Int, _ peers: Int, labels: Int = 0, unproven: Int = 0) -> Ledger.Limits {
    var limits = Ledger.Limits()
    (limits.services, limits.peers) = (services, peers)
    (limits.labels, limits.unprovenLabels) = (labels, unproven)
    return limits
  }

  @Test func whoAnswersGetsAnAccountAmidAScan() throws {
    var ledger = Ledger(limits: Self.limits(64, 128))
    for port in 1...5000 { Self.scan(&ledger, port % 50, port) }
    #expect(ledger.accounts.services.count <= 32 + 1)
    let key = Self.connect(&ledger, 7, 60000)
    #expect(key.service != 0 && key.peer != 0)
    let accounts = ledger.accounts
    let service = try #require(accounts.services.first { $0.service == Self.server(60000) })
    #expect(service.connections == 1 && service.open == 1 && service.server[.established] == 1)
    // It was new to the account that all share.
    #expect(service.opened == 0)
    #expect(accounts.connections == 5001 && accounts.open == 1 && accounts.closeKind[.refused] == 5000)
    #expect(accounts.services.map(\.opened).reduce(0, +) == 5001)
    #expect(accounts.services.map(\.connections).reduce(0, +) == 5001)
    #expect(ledger.openCount(key) == 1)
    // The next is known from the beginning.
    #expect(ledger.open(client: Self.client(7), server: Self.server(60000), Self.asked).service == key.service)
  }

  @Test(arguments: [
    (proven: false, seconds: 300, isGone: false), (proven: false, seconds: 304, isGone: true),
    (proven: true, seconds: 900, isGone: false), (proven: true, seconds: 904, isGone: true),
  ])
  func quietAccountsMakeWay(proven: Bool, seconds: Int, isGone: Bool) {
    var ledger = Ledger(limits: Self.limits(64, 128))
    if proven {
      let key = Self.connect(&ledger, 1, 80)
      ledger.move(key, from: Self.open, to: Self.closed)
    } else {
      Self.scan(&ledger, 1, 80)
    }
    Self.wait(&ledger, seconds: seconds)
    #expect(ledger.accounts.services.isEmpty == isGone)
    #expect(ledger.accounts.peers.isEmpty == isGone)
    #expect(ledger.accounts.connections == 1)
    #expect(ledger.changes.contains(.released(service: 1)) == isGone)
    #expect(ledger.changes.contains(.releasedPeer(1)) == isGone)
    // Another gets the number.
    Self.scan(&ledger, 2, 81)
    #expect(ledger.accounts.services.first { $0.service == Self.server(81) }?.number == (isGone ? 1 : 2))
    #expect(ledger.accounts.connections == 2)
  }

  @Test func whatIsOpenStaysHoweverQuiet() {
    var ledger = Ledger(limits: Self.limits(8, 8))
    let key = Self.connect(&ledger, 1, 80)
    Self.wait(&ledger, seconds: 100_000)
    #expect(ledger.accounts.services.map(\.number) == [Int(key.service)])
    #expect(ledger.accounts.peers.count == 1)
  }

  @Test func whatHasALabelKeepsItsAccount() {
    var ledger = Ledger(limits: Self.limits(64, 64, labels: 3, unproven: 1))
    for port in 1...4 { Self.scan(&ledger, 1, port) }
    for port in 11...14 { ledger.move(Self.connect(&ledger, 1, port), from: Self.open, to: Self.closed) }
    Self.wait(&ledger, seconds: 100_000)
    let labelled = ledger.accounts.services.filter(\.hasLabel).map(\.service)
    #expect(Set(labelled) == [Self.server(1), Self.server(11), Self.server(12)])
    #expect(ledger.accounts.services.count == 3)
    #expect(ledger.accounts.connections == 8)
  }

  /// A service that was only asked up to now is shown among the others: what was shown there stays there.
  @Test func aLateLabelBeginsWithNothing() throws {
    var ledger = Ledger(limits: Self.limits(64, 64, labels: 3))
    for client in 1...5 { Self.scan(&ledger, client, 80) }
    let waiting = ledger.open(client: Self.client(9), server: Self.server(80), Self.asked)
    let key = Self.connect(&ledger, 6, 80)
    #expect(key.service == waiting.service)
    #expect(ledger.changes == [.labelled(service: key.service)])
    var accounts = ledger.accounts
    let service = try #require(accounts.services.first)
    #expect(service.hasLabel && service.opened == 0 && service.connections == 2 && service.open == 2)
    #expect(service.closed.isEmpty && accounts.past.map(\.opened) == [7])
    #expect(accounts.past[0].closed.values.reduce(0, +) == 5)
    ledger.move(waiting, from: Self.asked, to: Self.refused)
    ledger.move(key, from: Self.open, to: Self.closed)
    accounts = ledger.accounts
    #expect(accounts.connections == 7 && accounts.open == 0 && accounts.closeKind.total == 7)
    #expect(accounts.closedFirst[.client] == 1 && accounts.closedFirst.total == 7)
  }

  /// Whatever comes and goes: the whole is what was counted, and no account counts backwards.
  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func addsUpWhileAccountsComeAndGo(seed: UInt64) {
    var state = seed
    func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    var ledger = Ledger(limits: Self.limits(2 + random(20), 2 + random(20), labels: random(6), unproven: random(3)))
    var open: [AccountKey] = []
    var (made, closed, others) = (0, 0, 0)
    for step in 0..<3000 {
      switch random(6) {
      case 0, 1:
        Self.scan(&ledger, random(30), random(60))
        (made, closed) = (made + 1, closed + 1)
      case 2:
        open.append(Self.connect(&ledger, random(30), random(60)))
        made += 1
      case 3 where !open.isEmpty:
        ledger.move(open.remove(at: random(open.count)), from: Self.open, to: Self.closed)
        closed += 1
      default: Self.wait(&ledger, seconds: random(200))
      }
      let accounts = ledger.accounts
      let all = accounts.services + accounts.past
      let shared = (accounts.services.filter { !$0.hasLabel } + accounts.past).map(\.opened).reduce(0, +)
      let holds = [
        accounts.connections == made && accounts.open == open.count,
        accounts.closeKind.total == made && accounts.closeKind[.none] == open.count,
        accounts.server[.established] == open.count && accounts.client.total == open.count,
        all.map(\.opened).reduce(0, +) == made,
        all.flatMap(\.closed.values).reduce(0, +) == closed,
        shared >= others,
      ]
      // An expectation costs more than all of this, under a sanitizer a hundred times as much.
      if holds.contains(false) {
        Issue.record("after step \(step): \(holds)")
        return
      }
      others = shared
    }
    var (openOfPeers, madeByPeers) = (0, ledger.pastOfPeers.connections)
    for number in ledger.peers.indices {
      openOfPeers += ledger.peers[number].open
      madeByPeers += ledger.peers[number].connections
    }
    #expect(openOfPeers == open.count && madeByPeers == made)
  }

  /// Asking for memory changes nothing, whether there is an account or not.
  @Test func whatIsExpectedIsNotOpened() {
    var ledger = Ledger(limits: Self.limits(8, 8))
    let key = Self.connect(&ledger, 1, 2)
    let (client, server) = (Self.client(1), Self.server(2))
    let (known, unknown) = (
      ledger.expect(client: client.address, server: server), ledger.expect(client: server.address, server: server)
    )
    #expect(ledger.expectOpening(known) == key.peer)
    #expect(ledger.expectOpening(unknown) == nil)
    #expect(ledger.expectOpening(ledger.expect(client: client.address, server: client)) == nil)
    #expect(ledger.accounts.connections == 1 && ledger.accounts.services.count == 1)
  }

  /// Against a dictionary.
  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func numbersAreFoundUntilTheyAreTakenOut(seed: UInt64) {
    var state = seed
    var index = NumberIndex()
    // Few places are looked for first, so that runs are long.
    func hash(_ number: UInt32) -> UInt64 {
      UInt64(number % 5) << 59 | UInt64(number &* 2_654_435_761 % 97) << 32 | UInt64(number)
    }
    var present: Set<UInt32> = []
    var wrong = 0
    for _ in 0..<5000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let number = UInt32(1 + state >> 33 % 300)
      if present.contains(number) {
        index.remove(number, hash(number))
        present.remove(number)
      } else {
        index.insert(number, hash(number))
        present.insert(number)
      }
      for other in UInt32(1)...300 where other % 7 == number % 7 {
        let isFound = index.find(hash(other)) { $0 == Int(other) } == other
        if isFound != present.contains(other) { wrong += 1 }
      }
    }
    #expect(wrong == 0)
    for number in present { index.remove(number, hash(number)) }
    // Nothing is looked for any more.
    #expect(!(UInt32(1)...300).contains { index.mayHold(hash($0)) })
  }
}
