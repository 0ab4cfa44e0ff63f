import PacketDecoding
import Testing

@testable import ConnectionTracking

/// A table that is full gives up what strangers can make up, and keeps the connections that are there.
@Suite struct SheddingTests {
  @Test(arguments: [TCPFlags.syn, .ack, .psh | .ack, .fin | .ack, .rst])
  func strangersPushNobodyOut(flags: TCPFlags) {
    var crowd = Crowd(capacity: 16)
    for port in UInt16(1)...3 { crowd.open(port) }
    for port in UInt16(4)...6 {
      crowd.open(port)
      crowd.close(port)
    }
    for port in UInt16(7)...8 { crowd.exchange(port) }
    crowd.adopt(9)
    crowd.send(10, .ack, 1, 1)
    crowd.adopt(10)
    let phases = crowd.serverPhases(1...10)
    #expect(phases[3...5].allSatisfy { $0 == .timeWait } && !phases.contains(nil))
    for number in UInt32(0)..<100 { crowd.stray(number, flags) }
    #expect(crowd.serverPhases(1...10) == phases)
    #expect(crowd.tracker.evicted >= 100 - 16)
  }

  @Test("Lone SYNs push out each other, and no handshake that was answered", arguments: [(100, 4), (6, 100)])
  func answeredHandshakesStay(halfOpen: Int, unanswered: Int) {
    var crowd = Crowd(capacity: 1000)
    (crowd.tracker.settings.halfOpenCapacity, crowd.tracker.settings.unansweredCapacity) = (halfOpen, unanswered)
    crowd.send(1, .syn, 0, 0)
    for port in UInt16(2)...3 {
      crowd.send(port, .syn, 0, 0)
      crowd.answer(port, .syn | .ack, 0, 1)
    }
    for number in UInt32(0)..<100 { crowd.stray(number, .syn) }
    #expect(crowd.serverPhases(1...3) == [nil, .synReceived, .synReceived])
    #expect(crowd.tracker.halfOpenCount == 6 && crowd.tracker.unansweredCount == 4)
    #expect(crowd.tracker.evicted == 97)
    // What was told apart is the same handshake as before.
    crowd.answer(2, .syn | .ack, 0, 1)
    crowd.send(2, .ack, 1, 1)
    #expect(crowd.serverPhases(2...3) == [.established, .synReceived])
    #expect(crowd.tracker.halfOpenCount == 5)
  }

  @Test("Where all were answered, the oldest goes")
  func oldestAnsweredGoes() {
    var crowd = Crowd(capacity: 1000)
    crowd.tracker.settings.halfOpenCapacity = 3
    for port in UInt16(1)...5 {
      crowd.send(port, .syn, 0, 0)
      crowd.answer(port, .syn | .ack, 0, 1)
    }
    #expect(crowd.serverPhases(1...5) == [nil, nil, .synReceived, .synReceived, .synReceived])
  }

  @Test("An answered handshake keeps its deadline where it stands apart")
  func answeredHandshakesEnd() {
    var crowd = Crowd(capacity: 1000)
    crowd.tracker.settings.unansweredCapacity = 1
    crowd.send(1, .syn, 0, 0)
    crowd.answer(1, .syn | .ack, 0, 1)
    for number in UInt32(0)..<3 { crowd.stray(number, .syn) }
    crowd.wait(seconds: 130)
    #expect(crowd.serverPhases(1...1) == [.synReceived])
    crowd.wait(seconds: 2)
    #expect(crowd.serverPhases(1...1) == [nil] && crowd.tracker.trackedCount == 0)
  }

  @Test("One of which only one end was heard goes first; once the other has been, it stays")
  func oneSidedGoesFirst() {
    var crowd = Crowd(capacity: 3)
    crowd.exchange(1)
    crowd.send(2, .ack, 1, 1)
    crowd.open(3)
    crowd.open(4)
    #expect(crowd.serverPhases(1...4) == [.established, nil, .established, .established])
  }

  @Test("Of those with nothing to wait for the one goes that came to it first, before and after they are a list")
  func oldestWithNothingToWaitForGoes() {
    var crowd = Crowd(capacity: 4)
    for port in UInt16(1)...4 { crowd.open(port) }
    crowd.halfClose(1)
    crowd.open(5)
    #expect(crowd.serverPhases(1...5) == [.finWait2, nil, .established, .established, .established])
    crowd.halfClose(3)
    crowd.open(6)
    #expect(crowd.serverPhases(3...6) == [.finWait2, nil, .established, .established])
    crowd.open(7)
    #expect(crowd.serverPhases(1...7) == [nil, nil, .finWait2, nil, .established, .established, .established])
  }
}

/// One server, and clients told apart by their ports.
private struct Crowd: ~Copyable {
  var tracker: Tracker
  private var recorder = Recorder()
  private var milliseconds: Int64 = 0
  private let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 80)

  init(capacity: Int) {
    var settings = TrackerSettings(capacity: capacity)
    settings.localAddresses = LocalAddresses(addresses: [server.address], networks: [])
    tracker = Tracker(settings: settings)
  }

  mutating func open(_ port: UInt16) {
    send(port, .syn, 0, 0)
    answer(port, .syn | .ack, 0, 1)
    send(port, .ack, 1, 1)
  }

  mutating func exchange(_ port: UInt16) {
    send(port, .ack, 1, 1)
    answer(port, .ack, 1, 1)
  }

  /// The server first.
  mutating func close(_ port: UInt16) {
    answer(port, .fin | .ack, 1, 1)
    send(port, .fin | .ack, 1, 2)
    answer(port, .ack, 2, 2)
  }

  /// The server; the client goes on.
  mutating func halfClose(_ port: UInt16) {
    answer(port, .fin | .ack, 1, 1)
    send(port, .ack, 1, 2)
  }

  /// The kernel has it.
  mutating func adopt(_ port: UInt16) {
    let entry = SocketEntry(local: server, remote: client(port), phase: .established, expiry: nil, role: .server)
    let reading = TableReading(number: 1, began: now)
    _ = tracker.compare(entry, in: reading, at: now, time: time, observer: &recorder)
  }

  mutating func send(_ port: UInt16, _ flags: TCPFlags, _ sequence: UInt32, _ acknowledgment: UInt32) {
    receive(from: client(port), to: server, flags, sequence, acknowledgment)
  }

  mutating func answer(_ port: UInt16, _ flags: TCPFlags, _ sequence: UInt32, _ acknowledgment: UInt32) {
    receive(from: server, to: client(port), flags, sequence, acknowledgment)
  }

  mutating func stray(_ number: UInt32, _ flags: TCPFlags) {
    let stranger = Endpoint(address: IPAddress(ipv4: 0x0B00_0000 + number), port: 40_000)
    receive(from: stranger, to: server, flags, number &* 0x9E37_79B1, number)
  }

  mutating func wait(seconds: Int64) {
    milliseconds += seconds * 1000
    tracker.advance(to: now, observer: &recorder)
  }

  func serverPhases(_ ports: ClosedRange<UInt16>) -> [Phase?] {
    ports.map { port in
      let (key, end) = FlowKey.between(server, client(port), scope: 0)
      return tracker.table.find(key).map { tracker.table.flow(at: $0)[end].phase }
    }
  }

  private var now: Instant { Instant(nanoseconds: milliseconds * 1_000_000) }
  private var time: Timestamp { Timestamp(nanoseconds: milliseconds * 1_000_000) }

  private func client(_ port: UInt16) -> Endpoint {
    Endpoint(address: IPAddress(ipv4: 0x0A00_0002), port: 50_000 + port)
  }

  private mutating func receive(
    from source: Endpoint,
    to destination: Endpoint,
    _ flags: TCPFlags,
    _ sequence: UInt32,
    _ acknowledgment: UInt32
  ) {
    milliseconds += 1
    let segment = Segment(
      source: source,
      destination: destination,
      sequence: SequenceNumber(sequence),
      acknowledgment: SequenceNumber(acknowledgment),
      flags: flags
    )
    tracker.receive(segment, interface: 0, at: now, captured: time, observer: &recorder)
  }
}
