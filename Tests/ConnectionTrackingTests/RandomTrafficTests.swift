import PacketDecoding
import Testing

@testable import ConnectionTracking

/// The tracker against a naive one, on random segments.
@Suite struct RandomTrafficTests {
  /// What both must say of a connection.
  struct Account: Hashable, Comparable {
    var serial: UInt64
    var standing: Standing
    var history: String
    var connState: String
    var packets: [UInt64]
    var heldTimeWait: [Bool]

    init(_ connection: ConnectionView) {
      serial = connection.detail.serial
      standing = connection.standing
      history = connection.history.description
      connState = connection.connState.rawValue
      packets = Role.allCases.map(connection.packets(of:))
      heldTimeWait = Role.allCases.map(connection.heldTimeWait)
    }

    static func < (a: Account, b: Account) -> Bool { a.serial < b.serial }
  }

  enum Place: CaseIterable {
    case file, host, hostThatProtectsTimeWait, mirrorPort

    var settings: TrackerSettings {
      var settings = TrackerSettings(capacity: 1000)
      guard self != .file else { return settings }
      let address = IPAddress(ipv4: self == .mirrorPort ? 0xC000_0201 : 0x0A00_0001)
      settings.localAddresses = LocalAddresses(addresses: [address], networks: [])
      settings.protectsTimeWait = self == .hostThatProtectsTimeWait
      settings.idleTransit = Seconds(300)
      return settings
    }
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>, Place.allCases)
  func agreesWithTheNaiveOne(seed: UInt64, place: Place) {
    var traffic = RandomTraffic(seed: seed)
    var tracker = Tracker(settings: place.settings)
    var recorder = Recorder()
    var naive = NaiveTracker(settings: place.settings)
    var batch = ArrivalBatch()
    var now = Instant(nanoseconds: 0)
    for step in 0..<600 {
      // Every other hundred of them with SYN, FIN and RST alone.
      if step % 200 == 100 {
        tracker.beginControlOnly(at: now, observer: &recorder)
        naive.beginControlOnly(at: now)
      } else if step % 200 == 0 {
        tracker.endControlOnly(at: Timestamp(nanoseconds: now.nanoseconds))
        naive.endControlOnly(at: Timestamp(nanoseconds: now.nanoseconds))
      }
      for _ in 0..<traffic.batchSize() {
        let packet = traffic.next()
        now = now + Seconds(nanoseconds: packet.delay * 1_000_000)
        tracker.note(packet, at: now, in: &batch)
        naive.receive(packet.segment, interface: packet.interface, at: now)
      }
      tracker.seek(&batch)
      tracker.receive(&batch, before: now + Seconds(1), RawSpan(), observer: &recorder)
      batch.clear()
      let tracked = tracker.connections.map(Account.init)
      let expected = naive.connections.map { Account($1.view($0)) }
      guard tracked.sorted() == expected.sorted() else {
        Issue.record("step \(step): \(tracked.sorted()) is not \(expected.sorted())")
        return
      }
    }
    #expect(recorder.left.map(Account.init).sorted() == naive.ended.map(Account.init).sorted())
    #expect(tracker.duplicates.reduce(0, +) == naive.duplicates)
    #expect(recorder.left.count > 20)
  }

  /// The random segments lead to all that they are meant to: how connections of the same ends follow each other.
  @Test func meetsWhatIsRare() {
    var found: [String: Int] = [:]
    for seed in 1...8 as ClosedRange<UInt64> {
      var traffic = RandomTraffic(seed: seed)
      var naive = NaiveTracker(settings: TrackerSettings(capacity: 1000))
      var now = Instant(nanoseconds: 0)
      for _ in 0..<5000 {
        let packet = traffic.next()
        now = now + Seconds(nanoseconds: packet.delay * 1_000_000)
        let (key, sender) = FlowKey.between(
          packet.segment.source,
          packet.segment.destination,
          scope: packet.segment.scope
        )
        let before = naive.connections[key]
        naive.receive(packet.segment, interface: packet.interface, at: now)
        guard let before, packet.segment.flags.isSYN, !packet.segment.flags.isACK else { continue }
        var detail = before.detail
        let meaning = before.flow.meaning(of: packet.segment, from: sender, &detail)
        found["\(before.flow[sender.other].phase) \(before.flow.closeKind) \(meaning)", default: 0] += 1
      }
    }
    for wanted in [
      "timeWait fin opensAnother", "timeWait fin challenged", "closed rst opensAnother", "closed fin opensAnother",
      "closed refused opensAnother", "established none opensAnother", "closeWait none opensAnother",
      "finWait2 none opensAnother", "synSent none ofThisConnection",
    ] {
      #expect(found[wanted, default: 0] > 5, "\(wanted): \(found)")
    }
  }

  /// Every change that was reported, from opening to end, adds up to what the table holds.
  @Test(arguments: 31...40 as ClosedRange<UInt64>, [3, 12, 1000])
  func reportsEveryChange(seed: UInt64, capacity: Int) {
    var traffic = RandomTraffic(seed: seed)
    var tracker = Tracker(settings: TrackerSettings(capacity: capacity))
    var recorder = Recorder()
    var now = Instant(nanoseconds: 0)
    for _ in 0..<3000 {
      let packet = traffic.next()
      now = now + Seconds(nanoseconds: packet.delay * 1_000_000)
      let captured = Timestamp(nanoseconds: now.nanoseconds)
      tracker.receive(packet.segment, interface: packet.interface, at: now, captured: captured, observer: &recorder)
    }
    let tracked = tracker.connections
    for connection in tracked {
      #expect(recorder.standings[Int(connection.detail.account.service)] == connection.standing)
    }
    #expect(tracked.count == tracker.trackedCount)
    #expect(tracked.filter { $0.flow.isUnanswered }.count == tracker.unansweredCount)
    #expect(tracked.count <= capacity)
    #expect(recorder.standings.count == tracked.count + recorder.left.count)
    for connection in recorder.left {
      #expect(connection.standing == recorder.standings[Int(connection.detail.account.service)])
      #expect(connection.standing.closeKind != .none)
    }
  }
}

extension Tracker {
  /// Puts it where decoding puts a segment.
  mutating func note(_ packet: RandomTraffic.Packet, at now: Instant, in batch: inout ArrivalBatch) {
    let number = batch.count
    batch[number].segment = packet.segment
    batch[number].now = now
    batch[number].captured = Timestamp(nanoseconds: now.nanoseconds)
    batch[number].notePayload(0)
    batch[number].note(packet.interface, in: settings.namespace(ofInterface: packet.interface))
    recognize(&batch[number])
    batch.count = number + 1
  }
}
