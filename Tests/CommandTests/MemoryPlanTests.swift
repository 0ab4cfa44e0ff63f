import CloseDiagnosis
import ConnectionTracking
import Monitoring
import Testing

@testable import Daemon

/// What is planned fits into the limit, with everything at its fullest.
@Suite struct MemoryPlanTests {
  @Test(arguments: [64, 100, 256, 1024, 65_536])
  func fits(mebibytes: Int) {
    let limit = mebibytes << 20
    let plan = MemoryPlan(limit: limit)
    let table = plan.connections * FlowTable.bytesPerConnection
    let closed = plan.closed * (MemoryLayout<ConnectionView>.stride + 96)
    let waiting = plan.awaitedCauses * 4 * MemoryLayout<CloseFacts>.stride
    let accounts = plan.services * 4096 + plan.peers * 512
    let segments = plan.segments * (MemoryLayout<LoggedSegment>.stride + 1)
    #expect(table + closed + waiting + accounts + segments <= limit)
    #expect(table * 2 > limit)
  }

  @Test func theDefaultsHaveRoomForWhatIsKeptByDefault() {
    let plan = MemoryPlan(limit: 256 << 20)
    #expect(plan.closed >= 50_000)
    #expect(plan.services == 4096 && plan.peers == 16_384)
    // Ten a connection, of all that are kept after their end within its time at 80 a second.
    #expect(plan.segments >= 240_000)
  }

  @Test func theSmallestStillWatches() {
    let plan = MemoryPlan(limit: 16 << 20)
    #expect(plan.connections > 10_000)
    #expect(plan.closed >= 1024 && plan.awaitedCauses >= 1024 && plan.services >= 1024 && plan.peers >= 1024)
    #expect(plan.segments >= 1024)
  }
}
