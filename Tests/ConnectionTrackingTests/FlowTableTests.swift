import PacketDecoding
import TestNumbers
import Testing

@testable import ConnectionTracking

/// The table against a dictionary, step by step.
@Suite struct FlowTableTests {
  /// What all connections are asked by, when those that wait are looked for.
  @Test(arguments: Phase.allCases)
  func numberTellsWhoWaits(phase: Phase) {
    #expect(phase.waitsByNumber == phase.waits)
  }

  private static let keys: [FlowKey] = (0..<30_000).map { number in
    let isWide = number % 3 == 0
    let client = IPAddress(high: isWide ? 0x2001_0DB8_0000_0000 : 0, low: 0xFFFF_0A00_0000 | UInt64(number / 7))
    let server = IPAddress(high: isWide ? 0x2001_0DB8_0000_0001 : 0, low: 0xFFFF_0A01_0000 | UInt64(number % 5))
    return FlowKey(
      first: Endpoint(address: client, port: UInt16(truncatingIfNeeded: number)),
      second: Endpoint(address: server, port: 80),
      scope: number % 11 == 0 ? 7 : 0
    )
  }

  /// Hashers with less and less to tell keys apart: the last one gives all the same hash.
  @Test(arguments: [(3, 5, 7), (0, 5, 7), (0, 0, 1), (0, 0, 0)] as [(UInt64, UInt64, UInt64)])
  func holdsWhatADictionaryHolds(seed: (UInt64, UInt64, UInt64)) {
    let isHopeless = seed.2 == 0
    var random = SplitMix(state: 1)
    let keys = isHopeless ? Array(Self.keys.prefix(600)) : Self.keys
    var table = FlowTable(capacity: 20_000, hasher: FlowHasher(seed: seed))
    var model: [FlowKey: Slot] = [:]
    for step in 0..<(isHopeless ? 5_000 : 120_000) {
      let key = keys[random.below(keys.count)]
      let slot = table.find(key)
      #expect(slot == model[key])
      // Grows, shrinks to nothing, and grows again.
      let isGrowing = step / 40_000 != 1
      if let slot, !isGrowing || step % 5 == 0 {
        table.remove(slot)
        model[key] = nil
      } else if slot == nil, isGrowing {
        let flow = Flow(key, at: Instant(nanoseconds: 0), captured: Timestamp(nanoseconds: 0))
        let detail = FlowDetail(serial: UInt64(step))
        let inserted = table.insert(key, flow, detail)
        let isFull = model.count == table.capacity
        #expect((inserted == nil) == isFull)
        model[key] = inserted
      }
      let count = table.count
      #expect(count == model.count)
    }
    for key in keys {
      let slot = table.find(key)
      #expect(slot == model[key])
    }
    for (key, slot) in model {
      let (isCurrent, held) = (table.isCurrent(slot, key), table.key(at: slot))
      #expect(isCurrent && held == key)
    }
  }

  /// So many that some are in large pages.
  @Test func keepsEachWhereItIs() {
    var table = FlowTable(capacity: 100_000)
    for number in 0..<100_000 as Range<UInt32> {
      let key = FlowKey(
        first: Endpoint(address: IPAddress(ipv4: number), port: 1),
        second: Endpoint(address: IPAddress(ipv4: 0xC000_0201), port: 80),
        scope: 0
      )
      let flow = Flow(key, at: Instant(nanoseconds: 0), captured: Timestamp(nanoseconds: Int64(number)))
      let slot = table.insert(key, flow, FlowDetail(serial: UInt64(number)))
      #expect(slot?.rawValue == number)
    }
    let others = (0..<100_000 as Range<UInt32>).filter { number in
      let view = table.view(at: Slot(number))
      return view.start.nanoseconds != Int64(number) || view.detail.serial != UInt64(number)
        || view.key.first.address != IPAddress(ipv4: number)
    }
    #expect(others.isEmpty)
  }

  @Test func aFreedSlotIsNoConnection() {
    let key = Self.keys[1]
    var table = FlowTable(capacity: 4)
    let flow = Flow(key, at: Instant(nanoseconds: 0), captured: Timestamp(nanoseconds: 0))
    let detail = FlowDetail(serial: 1)
    guard let slot = table.insert(key, flow, detail) else {
      Issue.record("no room in an empty table")
      return
    }
    let (isFound, isOther) = (table.isCurrent(slot, key), table.isCurrent(slot, Self.keys[2]))
    #expect(isFound && !isOther)
    table.remove(slot)
    let (isStillFound, isNothing) = (table.isCurrent(slot, key), table.isCurrent(.none, key))
    #expect(!isStillFound && !isNothing)
  }
}

extension FlowTable {
  /// Whether a segment of `key` that was sought at `slot` finds its connection there.
  fileprivate func isCurrent(_ slot: Slot, _ key: FlowKey) -> Bool {
    var arrival = Arrival()
    arrival.segment.ends = SegmentEnds(source: key.first, destination: key.second)
    arrival.segment.scope = key.scope
    arrival.note(0, in: key.namespace)
    arrival.candidate = slot
    return updateCurrent(&arrival) { _, _, _ in true } ?? false
  }
}
