import ConnectionTracking
import PacketDecoding
import Testing

/// Connections that bear an address of this host, which only passes them on.
@Suite struct ForwardedTests {
  private static let host = IPAddress(ipv4: 0x0A00_0001)
  private static let service = Endpoint(address: host, port: 8080)
  private static let start = Instant(nanoseconds: 1_000_000_000_000)

  private static func client(_ number: UInt16) -> Endpoint {
    Endpoint(address: IPAddress(ipv4: 0x0A00_0002), port: 40000 + number)
  }

  private struct World: ~Copyable {
    var tracker: Tracker
    var recorder = Recorder()
    var now = ForwardedTests.start

    init(forwards: Bool = true) {
      var settings = TrackerSettings(capacity: 100)
      settings.change(0) { rules in
        rules.localAddresses = LocalAddresses(addresses: [ForwardedTests.host], networks: [])
        rules.forwards = forwards
      }
      tracker = Tracker(settings: settings)
    }

    mutating func send(_ source: Endpoint, _ destination: Endpoint, _ flags: TCPFlags, _ number: UInt32, _ ack: UInt32)
    {
      now = now + Seconds(nanoseconds: 1_000_000)
      var segment = Segment(source: source, destination: destination, sequence: SequenceNumber(number), flags: flags)
      segment.acknowledgment = SequenceNumber(ack)
      segment.window = 1000
      let time = Timestamp(nanoseconds: now.nanoseconds)
      tracker.receive(segment, interface: 0, at: now, captured: time, observer: &recorder)
    }

    mutating func connect(_ number: UInt16) {
      let client = ForwardedTests.client(number)
      send(client, ForwardedTests.service, .syn, 0, 0)
      send(ForwardedTests.service, client, .syn | .ack, 0, 1)
      send(client, ForwardedTests.service, .ack, 1, 1)
    }

    mutating func ask() -> [SocketName] { tracker.takeUnconfirmed(at: now, observer: &recorder) }

    mutating func tell(_ number: UInt16, hasSocket: Bool, overflowed: Bool = false) {
      now = now + Seconds(nanoseconds: 1_000_000)
      tracker.noteCustody(
        of: ForwardedTests.name(number),
        hasSocket: hasSocket,
        asked: Timestamp(nanoseconds: now.nanoseconds),
        overflowed: overflowed,
        at: now,
        observer: &recorder
      )
    }

    var sides: [LocalSide] { recorder.standings.map(\.localSide) }
  }

  private static func name(_ number: UInt16) -> SocketName { SocketName(local: service, remote: client(number)) }

  @Test("Only a host that forwards asks, and only when there should be a socket")
  func asks() {
    var still = World(forwards: false)
    still.connect(0)
    #expect(still.ask() == [])
    var world = World()
    world.send(Self.client(1), Self.service, .syn, 0, 0)
    #expect(world.ask() == [])
    world.send(Self.service, Self.client(1), .syn | .ack, 0, 1)
    world.send(Self.client(1), Self.service, .ack, 1, 1)
    #expect(world.ask() == [Self.name(1)])
    #expect(world.ask() == [])
  }

  @Test("What has no socket is transit, and so is what comes after it")
  func forwarded() {
    var world = World()
    world.connect(0)
    world.tell(0, hasSocket: false)
    world.connect(1)
    #expect(world.sides == [.transit, .transit])
    // One that is this host's own after all: from then on nothing is presumed.
    world.tell(1, hasSocket: true)
    world.connect(2)
    #expect(world.sides == [.transit, .server, .server])
  }

  @Test("What closed before it was asked for is what its like was")
  func closedBefore() {
    var world = World()
    world.connect(0)
    world.send(Self.client(0), Self.service, .rst | .ack, 1, 1)
    #expect(world.ask() == [])
    #expect(world.sides == [.server])
    world.connect(1)
    #expect(world.ask() == [Self.name(1)])
    world.tell(1, hasSocket: false)
    #expect(world.ask() == [])
    #expect(world.sides == [.transit, .transit])
  }

  @Test("A TIME_WAIT that was skipped because there were too many says nothing")
  func overflow() {
    var world = World()
    world.connect(0)
    world.send(Self.service, Self.client(0), .fin | .ack, 1, 1)
    world.send(Self.client(0), Self.service, .fin | .ack, 1, 2)
    world.send(Self.service, Self.client(0), .ack, 2, 2)
    #expect(world.recorder.standings.map(\.serverPhase) == [.timeWait])
    world.tell(0, hasSocket: false, overflowed: true)
    #expect(world.sides == [.server])
    world.tell(0, hasSocket: false)
    #expect(world.sides == [.transit])
  }

  @Test("The same addresses in two namespaces are two connections, each local where it is")
  func namespaces() {
    var settings = TrackerSettings(capacity: 100)
    settings.change(0) { $0.localAddresses = LocalAddresses(addresses: [Self.client(0).address], networks: []) }
    settings.change(1) { $0.localAddresses = LocalAddresses(addresses: [Self.host], networks: []) }
    settings.place(interface: 3, in: 1)
    var tracker = Tracker(settings: settings)
    var recorder = Recorder()
    for interface in [UInt8(0), 3] {
      tracker.receive(
        Segment(source: Self.client(0), destination: Self.service, sequence: SequenceNumber(0), flags: .syn),
        interface: interface,
        at: Self.start,
        captured: Timestamp(nanoseconds: 0),
        observer: &recorder
      )
    }
    #expect(recorder.standings.map(\.localSide) == [.client, .server])
    #expect(tracker.duplicates.reduce(0, +) == 0)
  }
}
