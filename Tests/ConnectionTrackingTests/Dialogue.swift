import PacketDecoding

@testable import ConnectionTracking

/// Says things over one connection, with the numbers filled in. Each segment takes a millisecond to arrive, and is
/// acknowledged at once, unless a test says otherwise.
struct Dialogue: ~Copyable {
  enum Step: Sendable {
    case open
    case client(String)
    case server(String)
    /// TLS records, `type:length`, in one segment.
    case clientRecords(String)
    case serverRecords(String)
    /// So many octets of no meaning.
    case serverOctets(Int)
    case clientOctets(Int)
    case wait(Double)
    case clientFIN, serverFIN, clientRST, serverRST
    /// Its FIN, which the other end has not seen when it speaks next.
    case serverFINUnseen
    /// Its FIN, sent before what the client said last arrived.
    case serverFINBlind
    /// Said, but lost before the point of capture.
    case lost(Role, Int)
    case repeatLast
    case clientProbe, serverProbe
    case acknowledge(Role)
    /// No ACK of what follows.
    case silent(Role)
    /// ACKs again, with what it sends next.
    case attentive(Role)
  }

  private var tracker: Tracker
  private var recorder = Recorder()
  private(set) var now = Instant(nanoseconds: 1_000_000_000)
  private let client = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 40000)
  private let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0002), port: 80)
  private var next = Numbers(client: 1000, server: 5000)
  private var acknowledged = Numbers(client: 0, server: 0)
  private var silent: Set<Role> = []
  private var last: (segment: Segment, payload: [UInt8])?
  /// The capture holds so much of each payload.
  private let snapLength: Int

  init(snapLength: Int = .max) {
    self.snapLength = snapLength
    tracker = Tracker(settings: TrackerSettings(capacity: 16))
  }

  var view: ConnectionView? {
    tracker.connections.first ?? recorder.left.last
  }

  var exchanges: Int { tracker.exchanges }
  var endedCount: Int { recorder.ended.count }

  mutating func run(_ steps: [Step]) {
    for step in steps { take(step) }
  }

  private mutating func take(_ step: Step) {
    switch step {
    case .open: open()
    case .client(let text): say(.client, Array(text.utf8))
    case .server(let text): say(.server, Array(text.utf8))
    case .clientRecords(let text): say(.client, Self.records(text))
    case .serverRecords(let text): say(.server, Self.records(text))
    case .clientOctets(let count): say(.client, [UInt8](repeating: 0, count: count))
    case .serverOctets(let count): say(.server, [UInt8](repeating: 0, count: count))
    case .wait(let seconds): now = now + Seconds(nanoseconds: Int64(seconds * 1e9))
    case .clientFIN: end(.client, .fin)
    case .serverFIN: end(.server, .fin)
    case .serverFINUnseen: end(.server, .fin, isSeen: false)
    case .serverFINBlind: end(.server, .fin, isSeen: false, isBlind: true)
    case .clientRST: end(.client, .rst)
    case .serverRST: end(.server, .rst)
    case .lost(let role, let count): next[role] += UInt32(count)
    case .repeatLast: if let last { send(last.segment, last.payload) }
    case .clientProbe: probe(.client)
    case .serverProbe: probe(.server)
    case .acknowledge(let role): acknowledge(role)
    case .silent(let role): silent.insert(role)
    case .attentive(let role): silent.remove(role)
    }
  }

  private mutating func open() {
    var segment = bare(.client)
    segment.flags = .syn
    next[.client] += 1
    send(segment)
    segment = bare(.server)
    segment.flags = .syn | .ack
    acknowledged[.server] = next[.client]
    segment.acknowledgment = SequenceNumber(next[.client])
    next[.server] += 1
    send(segment)
    acknowledge(.client)
  }

  private func bare(_ role: Role) -> Segment {
    Segment(
      source: role == .client ? client : server,
      destination: role == .client ? server : client,
      sequence: SequenceNumber(next[role]),
      acknowledgment: SequenceNumber(acknowledged[role]),
      flags: .ack
    )
  }

  private mutating func acknowledge(_ role: Role) {
    acknowledged[role] = next[role.peer]
    send(bare(role))
  }

  private mutating func say(_ role: Role, _ payload: [UInt8]) {
    if !silent.contains(role) { acknowledged[role] = next[role.peer] }
    var segment = bare(role)
    segment.flags = .ack | .psh
    segment.payloadLength = UInt32(payload.count)
    next[role] += UInt32(payload.count)
    last = (segment, payload)
    send(segment, payload)
    if !silent.contains(role.peer) { acknowledge(role.peer) }
  }

  private mutating func end(_ role: Role, _ flag: TCPFlags, isSeen: Bool = true, isBlind: Bool = false) {
    if !isBlind, !silent.contains(role) { acknowledged[role] = next[role.peer] }
    var segment = bare(role)
    segment.flags = .ack | flag
    if flag == .fin { next[role] += 1 }
    send(segment)
    if flag == .fin, isSeen, !silent.contains(role.peer) { acknowledge(role.peer) }
    if !isSeen { silent.insert(role.peer) }
  }

  private mutating func probe(_ role: Role) {
    var segment = bare(role)
    segment.sequence = segment.sequence &- 1
    send(segment)
    if !silent.contains(role.peer) { acknowledge(role.peer) }
  }

  private mutating func send(_ segment: Segment, _ payload: [UInt8] = []) {
    now = now + Seconds(nanoseconds: 1_000_000)
    let captured = Array(payload.prefix(snapLength))
    // The array outlives the call.
    unsafe tracker.receive(
      segment,
      payload: captured.span.bytes,
      interface: 0,
      at: now,
      captured: Timestamp(nanoseconds: now.nanoseconds),
      observer: &recorder
    )
  }

  /// `22:100 23:40`; hellos as `client-hello`, `client-hello-h2`, `server-hello-13`, `server-hello-12`.
  private static func records(_ text: String) -> [UInt8] {
    text.split(separator: " ").flatMap { word -> [UInt8] in
      if let hello = hellos[String(word)] { return record(22, hello) }
      let numbers = word.split(separator: ":").compactMap { Int($0) }
      return record(UInt8(numbers[0]), [UInt8](repeating: 0xEE, count: numbers[1]))
    }
  }

  private static func record(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
    [type, 3, 3, UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
  }

  private static func hello(_ type: UInt8, middle: [UInt8], extensions: [UInt8]) -> [UInt8] {
    let body = [3, 3] + [UInt8](repeating: 0, count: 32) + [0] + middle + [0, UInt8(extensions.count)] + extensions
    return [type, 0, 0, UInt8(body.count)] + body
  }

  private static let clientMiddle: [UInt8] = [0, 2, 0x13, 1, 1, 0]
  private static let serverMiddle: [UInt8] = [0x13, 1, 0]
  private static let offersH2: [UInt8] = [0, 16, 0, 5, 0, 3, 2, 0x68, 0x32]
  private static let hellos: [String: [UInt8]] = [
    "client-hello": hello(1, middle: clientMiddle, extensions: []),
    "client-hello-h2": hello(1, middle: clientMiddle, extensions: offersH2),
    "server-hello-13": hello(2, middle: serverMiddle, extensions: [0, 43, 0, 2, 3, 4]),
    "server-hello-12": hello(2, middle: serverMiddle, extensions: []),
    "server-hello-12-h2": hello(2, middle: serverMiddle, extensions: offersH2),
  ]
}

/// One number an end.
private struct Numbers {
  var client: UInt32
  var server: UInt32

  subscript(role: Role) -> UInt32 {
    get { role == .client ? client : server }
    set { if role == .client { client = newValue } else { server = newValue } }
  }
}
