import FuzzDriver
import PacketDecoding
import StateAccounting

@testable import ConnectionTracking
@testable import Monitoring

/// Segments among a few ends, close to what went before them, of which a part may be seen in the control tier. The
/// books must say what a fresh count of the table says, the table keeps to its capacity, and with room for all a naive
/// tracker says the same.
enum TrackerTarget {
  static func run(_ octets: RawSpan) {
    var input = FuzzInput(octets)
    let choice = input.octet()
    let isRoomy = choice & 1 == 0
    var settings = TrackerSettings(capacity: isRoomy ? 4096 : 1 + Int(choice >> 5))
    if isRoomy { (settings.halfOpenCapacity, settings.unansweredCapacity) = (4096, 4096) }
    var monitor = Monitor(MonitorSettings(tracker: settings, retention: .within(Seconds(60), count: 8)))
    var naive = NaiveTracker(settings: settings)
    var script = SegmentScript()
    var now = Instant(nanoseconds: 0)
    var controlOnly = choice & 2 == 0 ? nil : ControlOnly(&input)
    while !input.isEmpty {
      let next = script.next(&input)
      now = now + Seconds(nanoseconds: next.delay)
      controlOnly?.pass(&monitor, &naive, at: now)
      let payload = octets.extracting(input.take(min(Int(next.segment.payloadLength), 64)))
      monitor.tracker.receive(
        next.segment,
        payload: payload,
        interface: next.interface,
        at: now,
        captured: Timestamp(nanoseconds: now.nanoseconds),
        observer: &monitor.books
      )
      if isRoomy { naive.receive(next.segment, interface: next.interface, at: now) }
    }
    monitor.tracker.advance(to: now, observer: &monitor.books)
    check(monitor)
    if isRoomy { compare(monitor, &naive, at: now) }
    monitor.tracker.advance(to: now + Seconds(86_400), observer: &monitor.books)
    check(monitor)
  }

  /// So many segments are seen whole, so many in the control tier, and the others whole again.
  private struct ControlOnly {
    private var before: UInt8
    private var during: UInt8

    init(_ input: inout FuzzInput) {
      before = 1 + input.octet() & 15
      during = input.octet()
    }

    mutating func pass(_ monitor: inout Monitor, _ naive: inout NaiveTracker, at now: Instant) {
      let time = Timestamp(nanoseconds: now.nanoseconds)
      if before > 0 {
        before -= 1
        if before == 0 {
          monitor.tracker.beginControlOnly(at: now, observer: &monitor.books)
          naive.beginControlOnly(at: now)
        }
      } else if during > 0 {
        during -= 1
        if during == 0 {
          monitor.tracker.endControlOnly(at: time)
          naive.endControlOnly(at: time)
        }
      }
    }
  }

  private static func check(_ monitor: borrowing Monitor) {
    var tally = (connections: 0, open: 0, client: PhaseCounts(), server: PhaseCounts())
    monitor.forEachTracked { connection in
      let standing = connection.standing
      tally.connections += 1
      if standing.closeKind == .none { tally.open += 1 }
      if standing.clientPhase != .closed { tally.client[standing.clientPhase] += 1 }
      if standing.serverPhase != .closed { tally.server[standing.serverPhase] += 1 }
    }
    let accounts = monitor.books.ledger.accounts
    promise(tally.connections <= monitor.tracker.settings.capacity, "the table keeps to its capacity")
    promise(accounts.open == tally.open, "open \(accounts.open), counted \(tally.open)")
    promise(accounts.closedFirst.total == accounts.connections, "each connection has one who closed first, or none")
    for phase in Phase.allCases where phase != .closed {
      promise(accounts.client[phase] == tally.client[phase], "clients in \(phase)")
      promise(accounts.server[phase] == tally.server[phase], "servers in \(phase)")
    }
  }

  private static func compare(_ monitor: borrowing Monitor, _ naive: inout NaiveTracker, at now: Instant) {
    naive.advance(to: now)
    var count = 0
    monitor.forEachTracked { connection in
      count += 1
      guard let other = naive.connections[connection.key] else {
        promise(false, "the naive one lacks \(connection.key)")
        return
      }
      let expected = other.view(connection.key)
      promise(connection.standing == expected.standing, "\(connection.standing) is not \(expected.standing)")
      promise(
        connection.history.description == expected.history.description,
        "\(connection.history) is not \(expected.history)"
      )
      for role in Role.allCases {
        promise(connection.bytes(of: role) == expected.bytes(of: role), "octets of the \(role)")
        promise(connection.packets(of: role) == expected.packets(of: role), "packets of the \(role)")
      }
    }
    promise(count == naive.connections.count, "\(count) connections, \(naive.connections.count) by the naive one")
  }
}
