import PacketDecoding
import Testing

@testable import Monitoring

@Suite struct HistoryQueryTests {
  @Test(
    arguments: [
      ("now", 0), ("1s", 1), ("90s", 90), ("15m", 900), ("6h", 21_600), ("7d", 604_800), ("999d", 86_313_600),
      ("99999999s", 99_999_999),
    ] as [(String, Int64)]
  )
  func ago(_ text: String, _ seconds: Int64) {
    #expect(HistoryMoment(text) == .ago(Seconds(seconds)))
  }

  @Test(arguments: [
    "", "s", "0s", "05m", "5", "-1s", "+1s", "1w", "1000d", "10000h", "1 h", "1.5h", "yesterday", "2026-11-21",
    "2026-02-29T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T00:00:00", "1969-12-31T23:59:59Z",
    "2100-01-01T00:00:00Z", "2026-11-21T00:00:00+1:00", "2026-11-21T00:00:60Z", "２026-11-21T00:00:00Z",
  ])
  func noMoment(_ text: String) {
    #expect(HistoryMoment(text) == nil)
  }

  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00Z", 951_825_600), ("2026-11-21T01:02:03+01:00", 1_795_219_323),
      ("2024-12-31T23:59:59-00:30", 1_735_691_399), ("2099-12-31T23:59:59Z", 4_102_444_799),
    ] as [(String, Int64)]
  )
  func moment(_ text: String, _ seconds: Int64) {
    #expect(HistoryMoment(text) == .at(Timestamp(nanoseconds: seconds * 1_000_000_000)))
  }

  @Test(
    "What a time is written as is read again",
    arguments: [0, 1_700_000_000_123_456_000, 4_000_000_000_999_999_000]
  )
  func roundTrip(_ nanoseconds: Int64) {
    let time = Timestamp(nanoseconds: nanoseconds)
    #expect(Timestamp(time.description) == time)
  }

  @Test(
    arguments: [
      (900, nil, 60), (86_400, nil, 60), (90_060, nil, 120), (604_800, nil, 600), (2_592_000, nil, 1800),
      (86_400 * 365, nil, 21_600), (86_400, 3600, 3600), (86_400 * 30, 60, 300),
    ] as [(Int64, Int64?, Int64)]
  )
  func step(_ span: Int64, _ asked: Int64?, _ step: Int64) {
    var query = HistoryQuery()
    query.since = .ago(Seconds(span))
    query.step = asked.map { Seconds($0) }
    #expect(query.step(in: query.range(now: Timestamp(minute: 30_000_000))) == Seconds(step))
  }
}
