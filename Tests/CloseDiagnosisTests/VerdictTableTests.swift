import TestNumbers
import Testing

@testable import CloseDiagnosis

@Suite struct VerdictTableTests {
  /// Serials as they come: runs of neighbours, some of them much later, and any.
  @Test(arguments: [UInt64(1), 7, 1 << 40])
  func isAsADictionary(_ seed: UInt64) {
    var numbers = SplitMix(state: seed)
    var table = VerdictTable()
    var model: [UInt64: CauseVerdict?] = [:]
    for step in 0..<20_000 {
      let any = numbers.next()
      let serial = any % 3 == 0 ? any >> 8 % 500 + 1 : UInt64(step) / 4 % 700 + (any >> 8 % 8) * 131_072 + 1
      let verdict = CauseVerdict(any % 2 == 0 ? .noPool : .clientDone, confidence: Double(any % 101) / 100)
      switch any >> 32 % 8 {
      case 0:
        table.insert(verdict, serial)
        model.updateValue(verdict, forKey: serial)
      case 1, 2, 3:
        table.insert(nil, serial)
        model.updateValue(nil, forKey: serial)
      case 4, 5:
        table.decide(verdict, serial)
        if model[serial] != nil { model.updateValue(verdict, forKey: serial) }
      default:
        table.remove(serial)
        model.removeValue(forKey: serial)
      }
      #expect(table.count == model.count)
      #expect(table[serial] == model[serial] ?? nil)
      #expect(table.isAwaited(serial) == model[serial].map { $0 == nil } ?? false)
    }
    for serial in UInt64(0)..<3000 { #expect(table[serial] == model[serial] ?? nil) }
    for serial in model.keys { table.remove(serial) }
    #expect(table.count == 0)
  }

  @Test(arguments: [0, UInt64.max - 1])
  func hasTheFirstSerialAndTheLast(_ serial: UInt64) {
    var table = VerdictTable()
    table.insert(nil, serial)
    #expect(table.count == 1 && table[serial] == nil)
    table.decide(CauseVerdict(.noPool), serial)
    #expect(table[serial] == CauseVerdict(.noPool))
    table.remove(serial)
    #expect(table.count == 0 && table[serial] == nil)
  }

  @Test func noConnectionHasTheSerialOfAnEmptyPlace() {
    var table = VerdictTable()
    table.insert(CauseVerdict(.noPool), .max)
    table.decide(CauseVerdict(.noPool), .max)
    table.remove(.max)
    #expect(table.count == 0 && table[.max] == nil && !table.isAwaited(.max))
  }
}
