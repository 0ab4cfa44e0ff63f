import PacketDecoding
import Testing

@testable import ConnectionTracking

/// What is noted of frames that are decoded many at a time.
struct ArrivalBatchTests {
  private static let headers = 54

  /// Ethernet, IPv4 and TCP, with a payload of so many octets.
  private static func frame(port: UInt16, payload: Int, options: [UInt8] = []) -> [UInt8] {
    let length = UInt16(40 + options.count + payload)
    let offset = UInt8(5 + options.count / 4) << 4
    return [UInt8](repeating: 2, count: 12) + [0x08, 0x00]
      + [0x45, 0, UInt8(length >> 8), UInt8(length & 0xFF), 0, 0, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 9]
      + [UInt8(port >> 8), UInt8(port & 0xFF), 0, 80, 0, 0, 0, 1, 0, 0, 0, 2, offset, 0x10, 1, 0, 0, 0, 0, 0]
      + options + [UInt8](repeating: 0x61, count: payload)
  }

  /// Decodes frames that were captured at so many nanoseconds.
  private func decode(
    _ frames: [(octets: [UInt8], at: Int64)],
    payloadLimit: Int = .max,
    hints: PortHints = PortHints()
  ) -> (batch: [Arrival], position: Int, isStopped: Bool) {
    var octets: [UInt8] = []
    var records: [FrameRecord] = []
    for (frame, time) in frames {
      let count = UInt32(frame.count)
      records.append(FrameRecord(start: octets.count, count: count, nanoseconds: time, wireLength: count))
      octets += frame
    }
    var tracker = Tracker(settings: TrackerSettings(capacity: 100))
    var batch = ArrivalBatch(payloadLimit: payloadLimit)
    var clock = FrameClock(since: Timestamp(nanoseconds: 0))
    var position = 0
    let stop = tracker.decode(
      // The array outlives the call.
      unsafe octets.span.bytes,
      records.span,
      from: &position,
      interface: 3,
      &clock,
      with: FrameDecoder(linkType: .ethernet),
      stoppingAt: hints,
      into: &batch
    )
    if case .none = stop { return ((0..<batch.count).map { batch[$0] }, position, false) }
    return ((0..<batch.count).map { batch[$0] }, position, true)
  }

  @Test(arguments: [0, 1, 9, 10, 11, 70_000, .max])
  func payloadEndsAtTheLimit(limit: Int) {
    let frames = [10, 0, 20].map { (Self.frame(port: 4000, payload: $0), Int64(1)) }
    let (batch, position, _) = decode(frames, payloadLimit: limit)
    #expect(position == 3)
    let starts = [Self.headers, 2 * Self.headers + 10, 3 * Self.headers + 10]
    for (number, (start, length)) in zip(starts, [10, 0, 20]).enumerated() {
      #expect(batch[number].payload == start..<start + min(length, limit))
      #expect(batch[number].segment.payloadLength == UInt32(length))
    }
  }

  /// A short snap length, and padding.
  @Test func payloadIsWhatWasCapturedOfThePacket() {
    let whole = Self.frame(port: 4000, payload: 10)
    let cut = (Array(whole.dropLast(4)), Int64(1))
    let (batch, _, _) = decode([cut, (whole + [0, 0, 0], 1)])
    #expect(batch.map(\.payload) == [Self.headers..<Self.headers + 6, 2 * Self.headers + 6..<2 * Self.headers + 16])
  }

  @Test(arguments: 0..<5)
  func decodingStopsAtPorts(place: Int) {
    var hints = PortHints()
    hints.insert(4001)
    let frames = (0..<5).map { (Self.frame(port: $0 == place ? 4001 : 4000, payload: 0), Int64($0)) }
    let (batch, position, isStopped) = decode(frames, hints: hints)
    #expect(isStopped && position == place)
    // The one with the port was decoded, and is the last.
    #expect(batch.count == place + 1 && batch[place].segment.source.port == 4001)
    #expect(batch.map(\.captured.nanoseconds) == (0...Int64(place)).map { $0 })
  }

  @Test func timeDoesNotGoBack() {
    let times: [Int64] = [5, 9, 7, 7, 12]
    let (batch, _, _) = decode(times.map { (Self.frame(port: 4000, payload: 0), $0) })
    #expect(batch.map(\.captured.nanoseconds) == times)
    #expect(batch.map(\.now.nanoseconds) == [5, 9, 9, 9, 12])
    #expect(batch.allSatisfy { $0.interface == 3 && $0.namespace == 0 && !$0.isWide && $0.sender == .first })
  }

  private static let optionLists: [[UInt8]] = [
    [], [2, 4, 5, 0xB4], [2, 4, 5, 0xB4, 1, 3, 3, 7], [1, 1, 8, 10, 0, 0, 0, 3, 0, 0, 0, 4],
    [2, 4, 5, 0xB4, 4, 2, 8, 10, 0, 0, 0, 3, 0, 0, 0, 0, 1, 3, 3, 7],
    [2, 4, 5, 0xB4, 4, 2, 8, 10, 0, 0, 0, 3, 0, 0, 0, 0, 1, 3, 3, 15],
    [2, 4, 5, 0xB4, 1, 1, 8, 10, 0, 0, 0, 3, 0, 0, 0, 0, 1, 3, 3, 7],
    [2, 4, 5, 0xB4, 4, 2, 8, 10, 0, 0, 0, 3, 0, 0, 0, 0, 1, 3, 2, 7],
    [1, 1, 5, 10, 0, 0, 0, 3, 0, 0, 0, 4], [4, 4, 5, 0xB4], [2, 5, 5, 0xB4], [3, 3, 7, 0],
  ]

  /// Options of many frames are read as those of one, however much of them was captured.
  @Test(arguments: 0...20)
  func optionsAreReadAsOfOne(uncaptured: Int) throws {
    let frames = Self.optionLists.map { Array(Self.frame(port: 4000, payload: 2, options: $0).dropLast(uncaptured)) }
    // Places are used again.
    let (batch, position, _) = decode((frames + frames.reversed()).map { ($0, Int64(1)) })
    let decoder = FrameDecoder(linkType: .ethernet)
    for (arrival, frame) in zip(batch, frames + frames.reversed()) {
      let decoded = try decoder.decode(unsafe frame.span.bytes, wireLength: UInt32(frame.count))
      guard case .segment(let segment) = decoded else { continue }
      #expect(String(describing: arrival.segment) == String(describing: segment))
    }
    #expect(position == 2 * frames.count || uncaptured > 2)
  }

  /// What every packet writes and reads: two cache lines.
  @Test func isSmall() {
    #expect(MemoryLayout<Arrival>.stride <= 128)
  }
}
