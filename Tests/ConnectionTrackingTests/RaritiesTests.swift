import PacketDecoding
import TestNumbers
import Testing

@testable import ConnectionTracking

/// What few connections have: kept with each of them, and gone with it.
@Suite struct RaritiesTests {
  private struct Rare: Equatable {
    var finEnd: UInt32 = 0
    var retransmits: UInt32 = 0
  }

  @Test func holdsWhatADictionaryHolds() {
    var random = SplitMix(state: 3)
    var table = FlowTable(capacity: 3_000)
    var model: [Slot: Rare] = [:]
    for step in 0..<60_000 {
      if random.chance(30), let slot = insert(UInt32(step), into: &table) {
        let begin = Self.rare(of: table.rarities(at: slot))
        #expect(begin == Rare(), "a new one begins with another's")
        model[slot] = Rare()
      } else if let slot = table.slot(atNumber: UInt32(random.below(3_000))), let known = model[slot] {
        if random.chance(20) {
          table.remove(slot)
          model[slot] = nil
        } else {
          // Often none, often one kind without the other.
          let finEnd = UInt32(random.below(3))
          let retransmits = random.chance(10) ? UInt32(random.below(3)) : known.retransmits
          let before = table.update(slot) { _, _, rare in
            defer {
              rare.closing[.second].finEnd = SequenceNumber(finEnd)
              rare.oddities[.first].retransmits = retransmits
            }
            return Self.rare(of: rare)
          }
          #expect(before == known)
          model[slot] = Rare(finEnd: finEnd, retransmits: retransmits)
        }
      }
    }
    for (slot, known) in model {
      let held = Self.rare(of: table.rarities(at: slot))
      #expect(held == known)
    }
  }

  @Test func takeMemoryOnlyWhereTheyAre() {
    var table = FlowTable(capacity: 10)
    guard let slot = insert(1, into: &table) else { return }
    table.update(slot) { _, _, rare in rare.closing[.first].finEnd = SequenceNumber(0) }
    let blank = table.detail(at: slot).rarities
    table.update(slot) { _, _, rare in rare.closing[.first].finEnd = SequenceNumber(1) }
    let (closing, others) = (table.detail(at: slot).rarities, table.rarities(at: slot).closing.oddities)
    table.update(slot) { _, _, rare in rare.oddities[.first].retransmits = 1 }
    let both = table.rarities(at: slot).closing.oddities
    #expect(blank == .none && closing != .none && others == .none && both != .none)
  }

  /// What every connection takes of memory, in octets.
  @Test func everyConnectionTakesThisMuch() {
    let sizes = [
      MemoryLayout<Flow>.stride, MemoryLayout<FlowDetail>.stride, MemoryLayout<Stay>.stride,
      MemoryLayout<Conversation.Turns>.stride, MemoryLayout<FlowClosing>.stride,
    ]
    #expect(sizes == [64, 64, 24, 24, 88])
  }

  private static func rare(of rarities: FlowRarities) -> Rare {
    Rare(finEnd: rarities.closing[.second].finEnd.rawValue, retransmits: rarities.oddities[.first].retransmits)
  }

  private func insert(_ number: UInt32, into table: inout FlowTable) -> Slot? {
    let key = FlowKey(
      first: Endpoint(address: IPAddress(ipv4: number), port: 1),
      second: Endpoint(address: IPAddress(ipv4: 0xC000_0201), port: 80),
      scope: 0
    )
    let flow = Flow(key, at: Instant(nanoseconds: 0), captured: Timestamp(nanoseconds: 0))
    let detail = FlowDetail(serial: UInt64(number))
    guard let slot = table.insert(key, flow, detail) else { return nil }
    // Not free.
    table.update(slot) { flow, _ in flow.queue = .open }
    return slot
  }
}
