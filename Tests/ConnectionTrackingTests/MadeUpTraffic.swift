import PacketDecoding

/// What made-up segments have in common, whoever makes them up.
enum MadeUpTraffic {
  /// Few, for segments to hit each other's connections: a server, and clients of both families.
  static let endpoints: [Endpoint] = (UInt32(0)..<4).map { number in
    let address = number == 3 ? IPAddress(high: 0x2001_0db8_0000_0000, low: 7) : IPAddress(ipv4: 0x0A00_0000 + number)
    return Endpoint(address: address, port: number == 0 ? 80 : UInt16(40000 + number))
  }

  /// Another end than this one.
  static func peer(of number: Int, _ choice: Int) -> Int {
    (number + 1 + choice % (endpoints.count - 1)) % endpoints.count
  }
}

/// The segments that came last, to be answered or sent again.
struct LastSegments {
  private var segments: [Segment] = []

  private static let limit = 6

  var count: Int { segments.count }
  var isEmpty: Bool { segments.isEmpty }

  /// 0 is the oldest.
  subscript(number: Int) -> Segment { segments[number] }

  mutating func add(_ segment: Segment) {
    segments.append(segment)
    if segments.count > Self.limit { segments.removeFirst() }
  }
}

extension Segment {
  /// The ACK of one that arrived.
  init(acknowledging earlier: Segment, window: UInt16) {
    self.init(
      source: earlier.destination,
      destination: earlier.source,
      sequence: earlier.acknowledgment,
      acknowledgment: earlier.sequenceEnd,
      flags: .ack,
      window: window
    )
  }
}
