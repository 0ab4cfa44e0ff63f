import PacketDecoding
import Testing

@testable import ConnectionTracking

@Suite struct ReconcileTests {
  @Test(arguments: ReconcileStory.all)
  func story(_ story: ReconcileStory) throws {
    var player = ReconcilePlayer(local: story.local)
    for line in story.script.split(separator: "\n") { try player.play(String(line)) }
    #expect(player.mismatches == [])
    #expect(player.recorder.standings.count == story.connections)
    guard let last = player.connections.last else {
      #expect(story.connections == 0)
      return
    }
    guard story.connections == 1 else { return }
    #expect(last.flow.closedFirst == story.closedFirst)
    #expect(last.flow.closeKind == story.closeKind)
    #expect(last.flow.traits.fromKernel == story.fromKernel)
    if let side = story.localSide { #expect(last.flow.localSide == side) }
  }

  @Test("Seeded TIME_WAITs run out in the order of their time, not in that of the table")
  func order() {
    var settings = TrackerSettings(capacity: 1000)
    let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 80)
    settings.localAddresses = LocalAddresses(addresses: [server.address], networks: [])
    var tracker = Tracker(settings: settings)
    var recorder = Recorder()
    let start = Instant(nanoseconds: 1_000_000_000_000)
    let reading = TableReading(number: 1, began: start)
    // 101 is prime: times without a pattern.
    for number in 0..<200 {
      let remote = Endpoint(address: IPAddress(ipv4: 0x0A00_0002), port: UInt16(40000 + number))
      let expiry = start + Seconds(Int64((number * 37) % 101 % 60 + 1))
      let entry = SocketEntry(local: server, remote: remote, phase: .timeWait, expiry: expiry, role: .server)
      let time = Timestamp(nanoseconds: 0)
      #expect(tracker.compare(entry, in: reading, at: start, time: time, observer: &recorder) == .adopted)
    }
    for second in 0...60 {
      tracker.advance(to: start + Seconds(Int64(second)), observer: &recorder)
      let left = (0..<200).count { ($0 * 37) % 101 % 60 + 1 > second }
      #expect(recorder.standings.count { $0.serverPhase == .timeWait } == left)
    }
  }

  @Test("What a reading lacks is what has a socket, is quiet, and was not in it")
  func missing() throws {
    var player = ReconcilePlayer(local: [.client])
    for line in (Story.handshake + "+1 read").split(separator: "\n") { try player.play(String(line)) }
    #expect(player.missing() == [.established])
    try player.play("+0 kernel client ESTABLISHED agrees ESTABLISHED ESTABLISHED")
    #expect(player.missing() == [])
    try player.play("+10 read")
    #expect(player.missing() == [.established])
    try player.play("+0 > . 1:1(0) ack 1 ESTABLISHED ESTABLISHED")
    #expect(player.missing() == [])
    #expect(player.mismatches == [])
  }
}
