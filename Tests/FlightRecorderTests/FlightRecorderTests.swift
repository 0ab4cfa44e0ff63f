import PacketDecoding
import Testing

@testable import FlightRecorder

@Suite("The recorder of headers")
struct FlightRecorderTests {
  private static let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 80)

  private static func segment(client: UInt32, answers: Bool = false) -> Segment {
    let end = Endpoint(address: IPAddress(ipv4: 0x0A00_0100 &+ client >> 12), port: UInt16(1024 + client & 0xFFF))
    return Segment(
      source: answers ? server : end,
      destination: answers ? end : server,
      sequence: SequenceNumber(0),
      flags: TCPFlags(rawValue: 0x10)
    )
  }

  /// Records a frame whose first octets are its number.
  private static func record(
    _ number: UInt32,
    length: Int = 54,
    client: UInt32 = 0,
    answers: Bool = false,
    into recorder: inout FlightRecorder
  ) {
    var octets = [UInt8](repeating: 0xAA, count: 8 + length)
    for index in 0..<4 { octets[8 + index] = UInt8(truncatingIfNeeded: number >> (8 * UInt32(index))) }
    let info = FrameInfo(timestamp: Timestamp(nanoseconds: Int64(number)), wireLength: 1500)
    unsafe recorder.record(
      octets.span.bytes,
      at: 8,
      count: length,
      segment(client: client, answers: answers),
      info,
      interface: 3
    )
  }

  private static func numbers(_ recorder: borrowing FlightRecorder, since: Int64 = 0) -> [UInt32] {
    var numbers: [UInt32] = []
    recorder.forEach(since: Timestamp(nanoseconds: since)) { octets, frame in
      #expect(frame.interface == 3)
      #expect(frame.wireLength == 1500)
      let number = unsafe octets.withUnsafeBytes { unsafe $0.loadUnaligned(as: UInt32.self) }
      #expect(Int64(number) == frame.timestamp.nanoseconds)
      numbers.append(number)
    }
    return numbers
  }

  @Test("Frames come out as they went in, oldest first, from a time on")
  func order() {
    var recorder = FlightRecorder(size: 64 << 10)
    for number in 1...5 { Self.record(UInt32(number), length: 40 + number, into: &recorder) }
    #expect(Self.numbers(recorder) == [1, 2, 3, 4, 5])
    #expect(Self.numbers(recorder, since: 3) == [3, 4, 5])
  }

  @Test(
    "When it is full the newest take the place of the oldest, whatever their lengths",
    arguments: [1, 2, 3, 54, 120, 1024]
  )
  func wrap(_ step: Int) {
    var recorder = FlightRecorder(size: 64 << 10)
    var length = 4
    for number in 1...20_000 {
      Self.record(UInt32(number), length: length, into: &recorder)
      length = 4 + (length + step) % 400
    }
    let kept = Self.numbers(recorder)
    #expect(kept.last == 20_000)
    #expect(kept.count > 100)
    #expect(kept == Array((20_001 - UInt32(kept.count))...20_000))
  }

  @Test("Off: nothing is kept")
  func off() {
    var recorder = FlightRecorder(size: 0)
    Self.record(1, into: &recorder)
    recorder.adjust(at: Instant(nanoseconds: 0))
    let isOn = recorder.isOn
    #expect(!isOn)
    #expect(Self.numbers(recorder).isEmpty)
  }

  /// Seconds at `rate` frames, each of another connection.
  private static func run(_ recorder: inout FlightRecorder, seconds: Range<Int64>, rate: UInt32) {
    for second in seconds {
      for client in 0..<rate { Self.record(0, client: client, into: &recorder) }
      recorder.adjust(at: Instant(nanoseconds: second * 1_000_000_000))
    }
  }

  @Test("Busy: whole connections are left out until a minute fits in; quiet again: all are kept")
  func sampling() {
    var recorder = FlightRecorder(size: 256 << 10)
    // 80 octets each: at 400 a second 8 s fit in.
    Self.run(&recorder, seconds: 0..<60, rate: 400)
    #expect([8, 16].contains(recorder.oneIn))
    #expect(recorder.skipped > 0)
    var kept = 0
    for client in 0..<64 {
      let before = recorder.recorded
      Self.record(1, client: UInt32(client), into: &recorder)
      Self.record(2, client: UInt32(client), answers: true, into: &recorder)
      let added = recorder.recorded - before
      #expect(added == 0 || added == 2, "one direction of connection \(client) alone")
      kept += added / 2
    }
    #expect((1..<32).contains(kept))
    recorder.prefer([Self.server])
    let before = recorder.recorded
    for client in 0..<64 { Self.record(3, client: UInt32(client), into: &recorder) }
    #expect(recorder.recorded == before + 64)
    recorder.prefer([])
    Self.run(&recorder, seconds: 60..<120, rate: 1)
    #expect(recorder.oneIn == 1)
  }
}

@Suite("The capture file that is written of it")
struct PcapngWriterTests {
  @Test("Blocks as the format wants them")
  func blocks() {
    let interface = RecordedInterface(name: "eth0", linkType: 1, received: 7, dropped: 2)
    var file = PcapngWriter(comment: "why", application: "me", interfaces: [interface])
    let time = Timestamp(nanoseconds: 0x0102_0304_0506_0708)
    unsafe file.add(([1, 2, 3] as [UInt8]).span.bytes, RecordedFrame(timestamp: time, wireLength: 60, interface: 0))
    unsafe file.add(([1] as [UInt8]).span.bytes, RecordedFrame(timestamp: time, wireLength: 60, interface: 1))
    file.finish(at: time)
    let section: [UInt8] =
      [0x0A, 0x0D, 0x0D, 0x0A, 48, 0, 0, 0, 0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0]  // type, length, order, version
      + [UInt8](repeating: 0xFF, count: 8)  // section length: not known
      + [1, 0, 3, 0, 0x77, 0x68, 0x79, 0]  // opt_comment
      + [4, 0, 2, 0, 0x6D, 0x65, 0, 0]  // shb_userappl
      + [0, 0, 0, 0, 48, 0, 0, 0]
    let description: [UInt8] =
      [1, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]  // Ethernet, no snapshot length
      + [2, 0, 4, 0, 0x65, 0x74, 0x68, 0x30, 9, 0, 1, 0, 9, 0, 0, 0]  // if_name, if_tsresol: nanoseconds
      + [0, 0, 0, 0, 40, 0, 0, 0]
    let packet: [UInt8] =
      [6, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0]  // interface 0
      + [4, 3, 2, 1, 8, 7, 6, 5, 3, 0, 0, 0, 60, 0, 0, 0]  // time, high half first; captured; on the wire
      + [1, 2, 3, 0, 36, 0, 0, 0]
    let statistics: [UInt8] =
      [5, 0, 0, 0, 52, 0, 0, 0, 0, 0, 0, 0, 4, 3, 2, 1, 8, 7, 6, 5]
      + [4, 0, 8, 0, 7, 0, 0, 0, 0, 0, 0, 0]  // isb_ifrecv
      + [5, 0, 8, 0, 2, 0, 0, 0, 0, 0, 0, 0]  // isb_ifdrop
      + [0, 0, 0, 0, 52, 0, 0, 0]
    #expect(file.bytes == section + description + packet + statistics)
    #expect(file.packets == 1)
  }

  @Test("A limit of the whole file: what does not fit is counted", arguments: 1...3, 960...1000)
  func limit(_ interfaces: Int, _ limit: Int) {
    let interface = RecordedInterface(name: "lo", linkType: 1, received: 0, dropped: 0)
    let all = Array(repeating: interface, count: interfaces)
    var file = PcapngWriter(comment: "", application: "", interfaces: all, limit: limit)
    let frame = RecordedFrame(timestamp: Timestamp(nanoseconds: 0), wireLength: 100, interface: 0)
    let octets = [UInt8](repeating: 0, count: 100)
    for _ in 0..<20 { unsafe file.add(octets.span.bytes, frame) }
    file.finish(at: Timestamp(nanoseconds: 0))
    // A packet more would be too many.
    #expect((limit - 131...limit).contains(file.bytes.count))
    #expect(file.packets + file.omitted == 20)
  }
}
