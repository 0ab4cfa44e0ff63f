import ConnectionTracking
import PacketDecoding
import Testing

/// Who is the client when the handshake was not seen.
@Suite struct RolesTests {
  struct Row: CustomTestStringConvertible, Sendable {
    var name: String
    /// Ports of the first segment, and its flags.
    var source: UInt16
    var destination: UInt16
    var flags: TCPFlags
    /// Whether the first sender is the client.
    var clientIsSender: Bool
    var observed = false

    var testDescription: String { name }
  }

  static let rows: [Row] = [
    Row(
      name: "SYN, whatever the ports",
      source: 80,
      destination: 40000,
      flags: .syn,
      clientIsSender: true,
      observed: true
    ),
    Row(
      name: "SYN-ACK, whatever the ports",
      source: 40000,
      destination: 80,
      flags: .syn | .ack,
      clientIsSender: false,
      observed: true
    ),
    Row(name: "from a system port", source: 443, destination: 50000, flags: .ack, clientIsSender: false),
    Row(name: "to a system port", source: 50000, destination: 443, flags: .ack, clientIsSender: true),
    Row(name: "system against popular", source: 8080, destination: 179, flags: .ack, clientIsSender: true),
    Row(name: "from a popular port", source: 5432, destination: 2000, flags: .ack, clientIsSender: false),
    Row(name: "popular against registered", source: 1026, destination: 3306, flags: .ack, clientIsSender: true),
    Row(name: "from below the ephemeral range", source: 12345, destination: 40000, flags: .ack, clientIsSender: false),
    Row(name: "to below the ephemeral range", source: 32768, destination: 32767, flags: .ack, clientIsSender: true),
    Row(name: "two system ports: the lower", source: 80, destination: 443, flags: .ack, clientIsSender: false),
    Row(name: "two registered ports: the lower", source: 15001, destination: 15000, flags: .ack, clientIsSender: true),
    Row(name: "two ephemeral ports tell nothing", source: 40000, destination: 50000, flags: .ack, clientIsSender: true),
    Row(name: "the same port tells nothing", source: 179, destination: 179, flags: .ack, clientIsSender: true),
    Row(name: "RST", source: 80, destination: 40000, flags: .rst | .ack, clientIsSender: false),
    Row(name: "FIN", source: 40000, destination: 80, flags: .fin | .ack, clientIsSender: true),
    Row(name: "SYN and RST is no handshake", source: 80, destination: 40000, flags: .syn | .rst, clientIsSender: false),
  ]

  @Test(arguments: rows)
  func roles(_ row: Row) throws {
    let source = Endpoint(address: IPAddress(ipv4: 0x0A00_0009), port: row.source)
    let destination = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: row.destination)
    for (source, destination) in [(source, destination), swappingAddresses(source, destination)] {
      var tracker = Tracker(settings: TrackerSettings(capacity: 10))
      var recorder = Recorder()
      tracker.receive(
        Segment(source: source, destination: destination, sequence: SequenceNumber(7), flags: row.flags),
        interface: 0,
        at: Instant(nanoseconds: 1),
        captured: Timestamp(nanoseconds: 1),
        observer: &recorder
      )
      let first = tracker.connections.first
      let connection = try #require(first)
      #expect((connection.client == source) == row.clientIsSender)
      #expect(connection.server == (row.clientIsSender ? destination : source))
      #expect(connection.flow.traits.rolesObserved == row.observed)
    }
  }

  /// A host at 10.0.0.9 that hands out 10000 to 20000, and listens on 15000.
  static let rowsOfKnownHost: [Row] = [
    Row(name: "own port in the range", source: 12345, destination: 21000, flags: .ack, clientIsSender: true),
    Row(name: "own port out of the range", source: 33000, destination: 40000, flags: .ack, clientIsSender: false),
    Row(name: "a listener in the range", source: 15000, destination: 443, flags: .ack, clientIsSender: false),
    Row(name: "another's port is no listener", source: 12345, destination: 15000, flags: .ack, clientIsSender: true),
    Row(name: "popular in the range", source: 11211, destination: 2000, flags: .ack, clientIsSender: false),
  ]

  @Test(arguments: rowsOfKnownHost)
  func knownHost(_ row: Row) throws {
    let source = Endpoint(address: IPAddress(ipv4: 0x0A00_0009), port: row.source)
    let destination = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: row.destination)
    var settings = TrackerSettings(capacity: 10)
    settings.change(0) { rules in
      rules.localAddresses = LocalAddresses(addresses: [source.address], networks: [])
      rules.ephemeralPorts = 10000...20000
      rules.listeners.add(Endpoint(address: IPAddress(ipv4: 0), port: 15000))
    }
    var tracker = Tracker(settings: settings)
    var recorder = Recorder()
    tracker.receive(
      Segment(source: source, destination: destination, sequence: SequenceNumber(7), flags: row.flags),
      interface: 0,
      at: Instant(nanoseconds: 1),
      captured: Timestamp(nanoseconds: 1),
      observer: &recorder
    )
    let first = tracker.connections.first
    #expect(try #require(first).client == (row.clientIsSender ? source : destination))
  }

  /// The order of addresses in the table must not matter.
  private func swappingAddresses(_ a: Endpoint, _ b: Endpoint) -> (Endpoint, Endpoint) {
    (Endpoint(address: b.address, port: a.port), Endpoint(address: a.address, port: b.port))
  }
}
