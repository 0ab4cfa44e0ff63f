import ConnectionTracking
import PacketDecoding

@testable import Monitoring

/// Frames of TCP over IPv4 over Ethernet for a monitor, and the clock that goes with them.
struct Traffic: ~Copyable {
  var monitor: Monitor
  private(set) var now = Instant(nanoseconds: 1_000_000_000)
  private let decoder = FrameDecoder(linkType: .ethernet, options: DecoderOptions())

  static let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0002), port: 80)

  init(capacity: Int = 10_000, retention: ClosedRetention = .within(Seconds(300), count: 50_000), segmentLog: Int = 0) {
    var settings = MonitorSettings(tracker: TrackerSettings(capacity: capacity), retention: retention)
    settings.segmentLog = segmentLog
    monitor = Monitor(settings)
    monitor.tick(at: now)
  }

  static func client(_ port: UInt16) -> Endpoint { Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: port) }

  mutating func pass(seconds: Int64) {
    now = now + Seconds(seconds)
    monitor.tick(at: now)
  }

  mutating func send(
    _ source: Endpoint,
    _ destination: Endpoint,
    _ flags: UInt8,
    _ sequence: UInt32,
    _ acknowledgment: UInt32,
    payload: [UInt8] = [],
    interface: UInt8 = 0
  ) {
    ingest(Self.frame(source, destination, flags, sequence, acknowledgment, payload), interface: interface)
  }

  /// An ICMP error (type 3) of the destination's host that quotes a segment.
  mutating func unreachable(_ source: Endpoint, _ destination: Endpoint, _ sequence: UInt32, code: UInt8) {
    let ethernet = [UInt8](repeating: 2, count: 12) + [0x08, 0x00]
    let quoted = Self.frame(source, destination, Self.syn, sequence, 0, [])[14...].prefix(28)
    var packet: [UInt8] = [0x45, 0, 0, 56, 0, 0, 0, 0, 64, 1, 0, 0]
    packet += Self.octets(destination.address.low) + Self.octets(source.address.low)
    ingest(ethernet + packet + [3, code, 0, 0, 0, 0, 0, 0] + quoted)
  }

  mutating func ingest(_ octets: [UInt8], interface: UInt8 = 0) {
    unsafe monitor.ingest(
      octets.span.bytes,
      wireLength: UInt32(octets.count),
      captured: Timestamp(nanoseconds: now.nanoseconds),
      interface: interface,
      decoder: decoder,
      at: now
    )
  }

  static let (fin, syn, rst, ack) = (UInt8(1), UInt8(2), UInt8(4), UInt8(16))

  mutating func open(_ client: Endpoint, _ server: Endpoint = Traffic.server) {
    send(client, server, Self.syn, 100, 0)
    send(server, client, Self.syn | Self.ack, 500, 101)
    send(client, server, Self.ack, 101, 501)
  }

  /// The server closes first and holds TIME_WAIT.
  mutating func close(_ client: Endpoint, _ server: Endpoint = Traffic.server) {
    send(server, client, Self.fin | Self.ack, 501, 101)
    send(client, server, Self.fin | Self.ack, 101, 502)
    send(server, client, Self.ack, 502, 102)
  }

  /// An end of a connection that leaves the table soon: no TIME_WAIT follows a reset.
  mutating func reset(_ client: Endpoint, _ server: Endpoint = Traffic.server) {
    send(client, server, Self.rst | Self.ack, 101, 501)
  }

  static func frame(
    _ source: Endpoint,
    _ destination: Endpoint,
    _ flags: UInt8,
    _ sequence: UInt32,
    _ acknowledgment: UInt32,
    _ payload: [UInt8]
  ) -> [UInt8] {
    let ethernet = [UInt8](repeating: 2, count: 12) + [0x08, 0x00]
    var packet: [UInt8] = [0x45, 0, 0, UInt8(40 + payload.count), 0, 0, 0x40, 0, 64, 6, 0, 0]
    packet += octets(source.address.low) + octets(destination.address.low)
    packet += octets(UInt64(source.port)).suffix(2) + octets(UInt64(destination.port)).suffix(2)
    packet += octets(UInt64(sequence)) + octets(UInt64(acknowledgment))
    return ethernet + packet + [0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0] + payload
  }

  private static func octets(_ value: UInt64) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }
}

extension Traffic {
  /// A whole listing at once.
  borrowing func list(_ query: ConnectionQuery = ConnectionQuery(limit: 10_000)) -> ConnectionPage {
    var listing = monitor.begin(query)
    while !monitor.advance(&listing, by: 100, at: now, interfaces: []) {}
    return listing.page
  }

  borrowing func ports(_ query: ConnectionQuery = ConnectionQuery(limit: 10_000)) -> [UInt16] {
    list(query).records.map(\.client.port)
  }
}
