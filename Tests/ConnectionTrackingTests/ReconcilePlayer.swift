import PacketDecoding
import Testing

@testable import ConnectionTracking

/// Plays the lines of a `ReconcileStory`.
struct ReconcilePlayer: ~Copyable {
  private var tracker: Tracker
  private(set) var recorder = Recorder()
  private var now = Instant(nanoseconds: 1_000_000_000_000)
  private var reading = TableReading(number: 0, began: Instant(nanoseconds: 0))
  private let script = Script()
  private(set) var mismatches: [String] = []

  init(local: Set<Role>) {
    var settings = TrackerSettings(capacity: 100)
    let ends = Script()
    let addresses = local.map { $0 == .client ? ends.client.address : ends.server.address }
    settings.localAddresses = LocalAddresses(addresses: Set(addresses), networks: [])
    tracker = Tracker(settings: settings)
  }

  var connections: [ConnectionView] { recorder.connections(of: tracker) }

  func missing() -> [Phase] {
    var missing: [MissingSocket] = []
    #expect(tracker.missing(in: reading, from: 0, count: 100, at: now, into: &missing) == nil)
    return missing.map(\.phase)
  }

  mutating func play(_ line: String) throws {
    var words = line.split(separator: " ").map(String.init)
    guard let delay = Double(words.removeFirst()), let verb = words.first else { return }
    now = now + Seconds(nanoseconds: Int64((delay * 1e9).rounded()))
    switch verb {
    case "read": reading = TableReading(number: reading.number + 1, began: now)
    case "kernel": try takeEntry(Array(words.dropFirst()), line)
    case "lacks": takeAbsence(Array(words.dropFirst()), line)
    case "wire":
      try takePacket("+0 " + words.dropFirst().joined(separator: " "), captured: now + Seconds(-1), line)
    default: try takePacket("+0 " + words.joined(separator: " "), captured: now, line)
    }
  }

  private mutating func takePacket(_ text: String, captured: Instant, _ line: String) throws {
    for step in try script.steps(text) {
      if let segment = step.segment {
        let time = Timestamp(nanoseconds: captured.nanoseconds)
        tracker.receive(segment, interface: 0, at: now, captured: time, observer: &recorder)
      } else {
        tracker.advance(to: now, observer: &recorder)
      }
      check(step.expected, line)
    }
  }

  private mutating func takeEntry(_ words: [String], _ line: String) throws {
    var words = words
    let role = words.removeFirst() == "client" ? Role.client : .server
    let name = words.removeFirst()
    let phase = try #require(Phase.allCases.first { Script.name($0) == name })
    let (local, remote) = ends(role)
    var entry = SocketEntry(local: local, remote: remote, phase: phase)
    while let word = words.first, ["left", "listens"].contains(word) {
      words.removeFirst()
      if word == "left" { entry.expiry = now + Seconds(Int64(words.removeFirst()) ?? 0) } else { entry.role = .server }
    }
    let time = Timestamp(nanoseconds: now.nanoseconds)
    let finding = tracker.compare(entry, in: reading, at: now, time: time, observer: &recorder)
    if "\(finding)" != words.removeFirst() { mismatches.append("\(line): \(finding)") }
    check(words, line)
  }

  private mutating func takeAbsence(_ words: [String], _ line: String) {
    var words = words
    let (local, remote) = ends(words.removeFirst() == "client" ? .client : .server)
    let overflowed = words.first == "overflowed"
    if overflowed { words.removeFirst() }
    let finding = tracker.noteAbsence(
      of: SocketName(local: local, remote: remote),
      in: reading,
      overflowed: overflowed,
      at: now,
      observer: &recorder
    )
    if "\(finding)" != words.removeFirst() { mismatches.append("\(line): \(finding)") }
    check(words, line)
  }

  private func ends(_ role: Role) -> (local: Endpoint, remote: Endpoint) {
    role == .client ? (script.client, script.server) : (script.server, script.client)
  }

  private mutating func check(_ expected: [String], _ line: String) {
    guard !expected.isEmpty, let standing = recorder.standings.last else { return }
    let states = [Script.name(standing.clientPhase), Script.name(standing.serverPhase)]
    if states != expected { mismatches.append("\(line): is \(states.joined(separator: " "))") }
  }
}
