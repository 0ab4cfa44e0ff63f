import Foundation
import PacketDecoding
import Testing

struct TimestampTextTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000000Z"),
      (999, "1970-01-01T00:00:00.000000Z"),
      (1_000, "1970-01-01T00:00:00.000001Z"),
      (-1, "1969-12-31T23:59:59.999999Z"),
      (-1_000, "1969-12-31T23:59:59.999999Z"),
      (-1_001, "1969-12-31T23:59:59.999998Z"),
      (1_795_222_923_123_456_789, "2026-11-21T01:02:03.123456Z"),
      (951_782_399_999_999_999, "2000-02-28T23:59:59.999999Z"),
      (951_782_400_000_000_000, "2000-02-29T00:00:00.000000Z"),
      (951_868_800_000_000_000, "2000-03-01T00:00:00.000000Z"),
      (1_709_164_800_000_000_000, "2024-02-29T00:00:00.000000Z"),
      (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000Z"),
      (-2_203_891_200_000_000_000, "1900-03-01T00:00:00.000000Z"),
      (1_735_689_599_000_000_000, "2024-12-31T23:59:59.000000Z"),
      (.max, "2262-04-11T23:47:16.854775Z"),
      (.min, "1677-09-21T00:12:43.145224Z"),
    ] as [(Int64, String)]
  )
  func text(nanoseconds: Int64, text: String) {
    #expect(Timestamp(nanoseconds: nanoseconds).description == text)
  }

  /// Every day that a timestamp can name, against another calendar.
  @Test
  func everyDay() throws {
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: false)
    let day: Int64 = 86_400
    for number in stride(from: -106_751 * day, through: 106_751 * day, by: 7 * Int(day) + 1) {
      let text = Timestamp(nanoseconds: Int64(number) * 1_000_000_000).description
      let expected = Date(timeIntervalSince1970: Double(number)).formatted(style)
      #expect(text.prefix(19) == expected.prefix(19))
    }
  }
}
