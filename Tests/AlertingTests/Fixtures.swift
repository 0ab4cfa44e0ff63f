import ConnectionTracking
import PacketDecoding
import StateAccounting

@testable import Alerting

func ipv4(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) -> IPAddress {
  IPAddress(ipv4: a << 24 | b << 16 | c << 8 | d)
}

let web = Endpoint(address: ipv4(10, 0, 0, 1), port: 8081)
let api = Endpoint(address: ipv4(10, 0, 0, 1), port: 9090)
let database = Endpoint(address: ipv4(10, 0, 0, 5), port: 5432)

extension ServiceAccount {
  /// A service with `timeWait` server ends in TIME_WAIT, as one that closes first has.
  static func serving(_ service: Endpoint, timeWait: Int, locality: Locality? = .local) -> ServiceAccount {
    var account = ServiceAccount(service: service, locality: locality)
    account.server[.timeWait] = timeWait
    if locality == .local { account.local[.timeWait] = timeWait }
    if locality == .remote { account.remote[.timeWait] = timeWait }
    return account
  }
}

extension OwnerAccount {
  static func holding(_ unit: String?, timeWait: Int) -> OwnerAccount {
    var account = OwnerAccount(number: unit == nil ? 0 : 1, unit: unit)
    account.local[.timeWait] = timeWait
    return account
  }
}

extension PeerAccount {
  static func peer(_ address: IPAddress, of service: Endpoint, timeWait: Int = 0, connections: Int = 0) -> PeerAccount {
    var peer = PeerAccount(address: address, service: service)
    peer.timeWaitServer = timeWait
    peer.connections = connections
    return peer
  }
}

extension Accounts {
  static func local(timeWait: Int) -> Accounts {
    var accounts = Accounts()
    accounts.local[.timeWait] = timeWait
    return accounts
  }

  /// Accounts whose totals are those of the services.
  static func of(_ services: [ServiceAccount], peers: [PeerAccount] = []) -> Accounts {
    var accounts = Accounts()
    for service in services {
      accounts.client.add(service.client)
      accounts.server.add(service.server)
      accounts.local.add(service.local)
      accounts.remote.add(service.remote)
      accounts.transit.add(service.transit)
      accounts.closedFirst.add(service.closedFirst)
      accounts.closeKind.add(service.closeKind)
      accounts.connections += service.connections
    }
    accounts.services = services
    accounts.peers = peers
    return accounts
  }
}

/// Looks once a second.
struct Clock {
  var evaluator: AlertEvaluator
  var second: Int64 = 0
  var wallClockOffset: Int64 = 1_700_000_000

  var moment: (now: Instant, wallClock: Timestamp) {
    (
      Instant(nanoseconds: second * 1_000_000_000),
      Timestamp(nanoseconds: (wallClockOffset + second) * 1_000_000_000)
    )
  }

  init(_ rules: AlertRule...) {
    evaluator = AlertEvaluator(rules: rules)
  }

  mutating func tick(
    _ accounts: Accounts,
    knowsLocal: Bool = true,
    captured: Int = 0,
    dropped: Int = 0,
    after seconds: Int64 = 1
  ) -> [AlertEvent] {
    second += seconds
    return evaluator.evaluate(
      AlertReadings(accounts: accounts, knowsLocal: knowsLocal, captured: captured, dropped: dropped),
      at: moment.now,
      wallClock: moment.wallClock
    )
  }
}

extension AlertRule {
  /// Fires and clears at once.
  static func immediate(
    _ metric: AlertMetric,
    side: Side? = nil,
    by: Grouping = .host,
    raise: Double,
    clear: Double? = nil
  ) -> AlertRule {
    AlertRule(
      name: "rule",
      metric: metric,
      side: side,
      by: by,
      raise: raise,
      clear: clear,
      hold: .zero,
      keepFiringFor: .zero
    )
  }
}
