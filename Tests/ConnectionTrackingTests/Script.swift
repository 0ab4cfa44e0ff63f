import ConnectionTracking
import PacketDecoding

/// Packets as text, in the manner of packetdrill: a line a segment, with the states both ends must have after it.
///
/// ```
/// +0.1 > S 0:0(0)                       SYN_SENT LISTEN
/// +0   < S. 0:0(0) ack 1                ESTABLISHED SYN_RECEIVED
/// ```
///
/// `>` is sent by the client, `<` by the server. Sequence numbers are relative to the sender's `start`, acknowledgments
/// to the peer's. `win N`, `wscale N`, `ts N` and `if N` (interface) may follow. A line `+60 .` lets time pass.
struct Script {
  var clientStart: UInt32 = 1000
  var serverStart: UInt32 = 5000
  var client = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 40000)
  var server = Endpoint(address: IPAddress(ipv4: 0x0A00_0002), port: 80)

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  struct Step {
    var delay: Double
    var segment: Segment?
    var interface: UInt8
    var expected: [String]
    var text: String
  }

  func steps(_ text: String) throws -> [Step] {
    try text.split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }.map { try step(String($0)) }
  }

  private func step(_ line: String) throws -> Step {
    var words = line.split(separator: " ").map(String.init)
    guard let delay = Double(words.removeFirst()) else { throw Failure(description: "no delay: \(line)") }
    let direction = words.removeFirst()
    if direction == "." { return Step(delay: delay, segment: nil, interface: 0, expected: words, text: line) }
    let fromClient = direction == ">"
    let flags = Self.flags(words.removeFirst())
    let range = words.removeFirst().split { ":()".contains($0) }.compactMap { Int32($0) }.map(UInt32.init(bitPattern:))
    guard range.count == 3 else { throw Failure(description: "no range: \(line)") }
    var segment = Segment(
      source: fromClient ? client : server,
      destination: fromClient ? server : client,
      sequence: SequenceNumber((fromClient ? clientStart : serverStart) &+ range[0]),
      flags: flags,
      payloadLength: range[2]
    )
    var interface: UInt8 = 0
    while let word = words.first, ["ack", "win", "ts", "wscale", "if"].contains(word), words.count > 1 {
      words.removeFirst()
      let number = UInt32(bitPattern: Int32(words.removeFirst()) ?? 0)
      switch word {
      case "ack":
        segment.acknowledgment = SequenceNumber((fromClient ? serverStart : clientStart) &+ number)
        segment.flags = segment.flags | .ack
      case "win": segment.window = UInt16(number)
      case "wscale":
        segment.options.present.rawValue |= 2
        segment.options.windowScale = UInt8(number)
      case "if": interface = UInt8(number)
      default:
        segment.options.present.rawValue |= 8
        segment.options.timestampValue = number
      }
    }
    return Step(delay: delay, segment: segment, interface: interface, expected: words, text: line)
  }

  private static func flags(_ text: String) -> TCPFlags {
    var flags = TCPFlags(rawValue: 0)
    for letter in text {
      switch letter {
      case "S": flags = flags | .syn
      case "F": flags = flags | .fin
      case "R": flags = flags | .rst
      case "P": flags = flags | .psh
      default: break
      }
    }
    return flags
  }
}

/// Keeps what the tracker says: the account of every connection, and those that left.
struct Recorder: ConnectionObserver {
  var standings: [Standing] = []
  var left: [ConnectionView] = []
  var ended: [ConnectionView] = []

  mutating func opened(client: Endpoint, server: Endpoint, namespace: UInt8, _ standing: Standing) -> AccountKey {
    standings.append(standing)
    return AccountKey(service: UInt32(standings.count - 1), peer: 0)
  }

  mutating func moved(_ account: AccountKey, from: Standing, to: Standing) {
    precondition(standings[Int(account.service)] == from, "a change that does not begin where the last one ended")
    standings[Int(account.service)] = to
  }

  mutating func ended(_ connection: EndedConnection, copy: () -> ConnectionView) {
    let copy = copy()
    precondition(connection == copy.ended, "what is read in place is what a copy tells")
    ended.append(copy)
  }

  mutating func left(_ connection: ConnectionView) {
    left.append(connection)
  }
}

/// What a script led to.
struct Outcome {
  var standings: [Standing]
  var live: [ConnectionView]
  var left: [ConnectionView]
  var anomalies: [String: Int]
  var duplicates: Int
  /// Lines whose states were not the expected ones.
  var mismatches: [String]

  var all: [ConnectionView] { (left + live).sorted { $0.detail.serial < $1.detail.serial } }
}

extension Script {
  func run(
    _ text: String,
    settings: TrackerSettings = TrackerSettings(capacity: 1000),
    isControlOnly: Bool = false
  ) throws -> Outcome {
    var tracker = Tracker(settings: settings)
    var recorder = Recorder()
    var now = Instant(nanoseconds: 1_000_000_000)
    if isControlOnly { tracker.beginControlOnly(at: now, observer: &recorder) }
    var mismatches: [String] = []
    for step in try steps(text) {
      now = now + Seconds(nanoseconds: Int64((step.delay * 1e9).rounded()))
      if let segment = step.segment {
        tracker.receive(
          segment,
          interface: step.interface,
          at: now,
          captured: Timestamp(nanoseconds: now.nanoseconds),
          observer: &recorder
        )
      } else {
        tracker.advance(to: now, observer: &recorder)
      }
      guard !step.expected.isEmpty, let standing = recorder.standings.last else { continue }
      let states = [Self.name(standing.clientPhase), Self.name(standing.serverPhase)]
      if states != step.expected { mismatches.append("\(step.text): is \(states.joined(separator: " "))") }
    }
    var anomalies: [String: Int] = [:]
    for anomaly in Anomaly.allCases where tracker.anomalies[anomaly] > 0 {
      anomalies[anomaly.name] = tracker.anomalies[anomaly]
    }
    return Outcome(
      standings: recorder.standings,
      live: tracker.connections,
      left: recorder.left,
      anomalies: anomalies,
      duplicates: tracker.duplicates.reduce(0, +),
      mismatches: mismatches
    )
  }

  /// `finWait1` as `FIN_WAIT_1`.
  static func name(_ phase: Phase) -> String {
    switch phase {
    case .finWait1: "FIN_WAIT_1"
    case .finWait2: "FIN_WAIT_2"
    default:
      "\(phase)".reduce(into: "") { $0 += $1.isUppercase ? "_\($1)" : $1.uppercased() }
    }
  }
}
