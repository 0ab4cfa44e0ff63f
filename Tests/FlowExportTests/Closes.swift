import ConnectionTracking
import Monitoring
import PacketDecoding

/// Connections that a monitor saw close.
enum Closes {
  /// Each is refused: a SYN and its RST.
  static func some(_ count: UInt16) throws -> [ClosedConnection] {
    var monitor = Monitor(
      MonitorSettings(tracker: TrackerSettings(capacity: 1024), retention: .within(Seconds(0), count: 0))
    )
    monitor.awaitCloses()
    refuse(1..<(count + 1), at: 0, in: &monitor)
    return monitor.takeClosed(at: Instant(nanoseconds: 0), all: true)
  }

  static func refuse(_ ports: Range<UInt16>, at second: Int64, in monitor: inout Monitor) {
    for port in ports {
      send(.syn, from: port, to: 80, second, &monitor)
      send(.rst | .ack, from: 80, to: port, second, &monitor)
    }
  }

  private static func send(_ flags: TCPFlags, from: UInt16, to: UInt16, _ second: Int64, _ monitor: inout Monitor) {
    let time = Timestamp(nanoseconds: second * 1_000_000_000)
    let bytes = frame(flags, from: from, to: to)
    unsafe monitor.ingest(
      bytes.span.bytes,
      wireLength: UInt32(bytes.count),
      captured: time,
      interface: 0,
      decoder: FrameDecoder(linkType: .raw, options: DecoderOptions()),
      at: Instant(nanoseconds: time.nanoseconds)
    )
  }

  /// IPv4 without a link layer, from 10.0.0.1 to 10.0.0.2 or back.
  private static func frame(_ flags: TCPFlags, from: UInt16, to: UInt16) -> [UInt8] {
    let (source, destination): (UInt8, UInt8) = from == 80 ? (2, 1) : (1, 2)
    let acknowledged: UInt8 = flags.isACK ? 1 : 0
    return [0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, source, 10, 0, 0, destination]
      + [UInt8(from >> 8), UInt8(from & 255), UInt8(to >> 8), UInt8(to & 255), 0, 0, 0, 0, 0, 0, 0, acknowledged]
      + [0x50, flags.rawValue, 0xFF, 0xFF, 0, 0, 0, 0]
  }
}
