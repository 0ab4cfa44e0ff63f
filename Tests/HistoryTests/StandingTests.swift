import Monitoring
import Testing

@testable import History

@Suite("What was handed over while the disk does not answer")
struct StandingTests {
  private static func standing(_ state: HistoryStatus.State) -> HistoryStanding {
    var status = HistoryStatus()
    status.state = state
    return HistoryStanding(written: status)
  }

  @Test("From the third minute on it hangs; of those that wait none is too many, of those after them each is lost")
  func minutes() {
    var standing = Self.standing(.ok)
    let handed = (1...10).map { _ in standing.hand() }
    #expect(handed.map(\.isTaken) == Array(repeating: true, count: 8) + [false, false])
    #expect(handed.map(\.getsStuck) == [false, false, true] + Array(repeating: false, count: 7))
    #expect(standing.status.state == .failing && standing.status.problem == HistoryStanding.hanging)
    #expect((standing.status.waiting, standing.status.lost) == (8, 2))
    let ended = (1...8).map { _ in standing.finishOne() }
    #expect(ended == (1...8).map { $0 == 6 })
    #expect(standing.status.state == .ok && standing.status.problem == nil)
    #expect((standing.status.waiting, standing.status.lost) == (0, 2))
  }

  @Test("Without a file nothing can hang")
  func memory() {
    var standing = Self.standing(.memory)
    let isStuck = (1...8).map { _ in standing.hand().getsStuck }
    #expect(!isStuck.contains(true) && standing.status.state == .memory)
    #expect(standing.handReader() == true)
  }

  @Test("No more than so many readers wait, none while the disk hangs, and no more than so many alerts")
  func others() {
    var standing = Self.standing(.ok)
    let readers = (1...17).map { _ in standing.handReader() }
    #expect(readers == (1...17).map { $0 <= 16 })
    standing.finishReader()
    #expect(standing.handReader() == true)
    #expect(standing.handReader() == false)
    let alerts = (1...1001).map { _ in standing.handAlert() }
    #expect(alerts == (1...1001).map { $0 <= 1000 })
    standing.finishAlert()
    #expect(standing.handAlert() == true)
    #expect(standing.handAlert() == false)
    for _ in 1...16 { standing.finishReader() }
    for _ in 1...3 { _ = standing.hand() }
    #expect(standing.handReader() == false)
  }
}
