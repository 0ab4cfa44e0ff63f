package import PacketDecoding

/// The headers of the last packets, in memory of a fixed size: the newest take the place of the oldest.
///
/// On a busy host it keeps whole connections, chosen by a hash: half of them, a quarter and so on, so that what is kept
/// reaches back far enough to tell how something began.
@safe
package struct FlightRecorder: ~Copyable {
  private let memory: UnsafeMutableRawPointer
  /// A power of two; none for a recorder that is off.
  private let capacity: Int
  /// Octets written since start: the next record begins at this place, the oldest at `tail`.
  private var head = 0
  private var tail = 0
  private let seed: UInt64
  /// Connections are kept whose hash has none of these bits.
  private var mask: UInt64 = 0
  private var preferred: [Endpoint] = []
  private var pace = Pace()
  /// Segments that were left out because their connection was.
  package private(set) var skipped = 0
  package private(set) var recorded = 0

  /// Before each frame: length of the record, captured octets, interface, kind, time, length on the wire.
  private static let headSize = 24
  private static let padding: UInt8 = 0
  private static let frame: UInt8 = 1
  /// Of one frame: headers within headers end somewhere.
  private static let longest = 1024
  private static let smallest = 64 << 10
  private static let preferredLimit = 8

  /// - Parameters:
  ///   - size: in octets, rounded down to a power of two; 0 turns it off.
  ///   - seed: makes the choice of connections one that senders cannot foresee.
  package init(size: Int, seed: UInt64 = 0) {
    let size = min(size, 1 << 40)
    capacity = size < Self.smallest ? 0 : 1 << (Int.bitWidth - 1 - size.leadingZeroBitCount)
    unsafe memory = UnsafeMutableRawPointer.allocate(byteCount: max(capacity, 8), alignment: 8)
    self.seed = seed
  }

  deinit { unsafe memory.deallocate() }

  package var isOn: Bool { capacity > 0 }
  /// One connection in so many is kept.
  package var oneIn: UInt64 { mask &+ 1 }

  // MARK: In

  /// Keeps the first octets of a frame.
  ///
  /// - Parameters:
  ///   - count: how many: its headers.
  ///   - octets: of the batch that the frame lies in.
  package mutating func record(
    _ octets: RawSpan,
    at start: Int,
    count: Int,
    _ segment: borrowing Segment,
    _ info: FrameInfo,
    interface: UInt8
  ) {
    guard capacity > 0 else { return }
    if mask != 0, hash(segment) & mask != 0, !isPreferred(segment) {
      skipped &+= 1
      return
    }
    let count = min(count, Self.longest, octets.byteCount - start)
    guard count > 0 else { return }
    let size = (Self.headSize + count + 7) & ~7
    makeRoom(size)
    let place = head & (capacity - 1)
    unsafe memory.storeBytes(of: UInt32(truncatingIfNeeded: size), toByteOffset: place, as: UInt32.self)
    unsafe memory.storeBytes(of: UInt16(truncatingIfNeeded: count), toByteOffset: place + 4, as: UInt16.self)
    unsafe memory.storeBytes(of: interface, toByteOffset: place + 6, as: UInt8.self)
    unsafe memory.storeBytes(of: Self.frame, toByteOffset: place + 7, as: UInt8.self)
    unsafe memory.storeBytes(of: info.timestamp.nanoseconds, toByteOffset: place + 8, as: Int64.self)
    unsafe memory.storeBytes(of: info.wireLength, toByteOffset: place + 16, as: UInt32.self)
    // The place was made above, and `count` octets are there from `start` on.
    unsafe octets.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      unsafe (memory + place + Self.headSize).copyMemory(from: base + start, byteCount: count)
    }
    head &+= size
    recorded &+= 1
  }

  /// Drops the oldest until there is room for a record in one piece.
  private mutating func makeRoom(_ size: Int) {
    let left = capacity - head & (capacity - 1)
    if left < size {
      release(head &+ left)
      let place = head & (capacity - 1)
      unsafe memory.storeBytes(of: UInt32(truncatingIfNeeded: left), toByteOffset: place, as: UInt32.self)
      unsafe memory.storeBytes(of: Self.padding, toByteOffset: place + 7, as: UInt8.self)
      head &+= left
    }
    release(head &+ size)
  }

  /// What would be written over is no more.
  private mutating func release(_ end: Int) {
    while end &- tail > capacity {
      tail &+= Int(unsafe memory.load(fromByteOffset: tail & (capacity - 1), as: UInt32.self))
    }
  }

  /// The same for both directions of a connection.
  private func hash(_ segment: borrowing Segment) -> UInt64 {
    let sum = mix(segment.source) &+ mix(segment.destination)
    let product = (sum ^ sum >> 29 ^ seed) &* 0x9E37_79B9_7F4A_7C15
    return product >> 32
  }

  private func mix(_ endpoint: Endpoint) -> UInt64 {
    (endpoint.address.high &+ endpoint.address.low &* 31 &+ UInt64(endpoint.port) << 40 ^ seed) &* 0xFF51_AFD7_ED55_8CCD
  }

  private func isPreferred(_ segment: borrowing Segment) -> Bool {
    guard !preferred.isEmpty else { return false }
    let (source, destination) = (segment.source, segment.destination)
    return preferred.contains { $0 == source || $0 == destination }
  }

  // MARK: Once a second

  /// All connections of these are kept: those that an alert is pending for.
  package mutating func prefer(_ services: [Endpoint]) {
    preferred = Array(services.prefix(Self.preferredLimit))
  }

  /// Keeps fewer connections when what is kept would span too little time, and more when it spans much.
  package mutating func adjust(at now: Instant) {
    guard capacity > 0, let seconds = pace.span(of: capacity, written: head, at: now) else { return }
    if seconds < Pace.shortest, mask < 1 << 20 {
      mask = mask << 1 | 1
      pace.restart()
    } else if seconds > Pace.longest, mask > 0 {
      mask >>= 1
      pace.restart()
    }
  }

  // MARK: Out

  /// Each frame that is kept from `start` on, oldest first.
  package func forEach(since start: Timestamp, _ body: (RawSpan, RecordedFrame) -> Void) {
    var place = tail
    while place < head {
      let offset = place & (capacity - 1)
      let record = unsafe UnsafeRawPointer(memory + offset)
      let size = Int(unsafe record.load(as: UInt32.self))
      guard size > 0 else { return }
      let frame = RecordedFrame(
        timestamp: Timestamp(nanoseconds: unsafe record.load(fromByteOffset: 8, as: Int64.self)),
        wireLength: unsafe record.load(fromByteOffset: 16, as: UInt32.self),
        interface: unsafe record.load(fromByteOffset: 6, as: UInt8.self)
      )
      if unsafe record.load(fromByteOffset: 7, as: UInt8.self) == Self.frame, frame.timestamp >= start {
        let count = Int(unsafe record.load(fromByteOffset: 4, as: UInt16.self))
        let bytes = unsafe UnsafeRawBufferPointer(start: record + Self.headSize, count: count)
        body(unsafe bytes.bytes, frame)
      }
      place += size
    }
  }
}

/// What is known of a frame beside its octets.
package struct RecordedFrame: Sendable {
  package var timestamp: Timestamp
  package var wireLength: UInt32
  package var interface: UInt8
}

/// How long the ring takes to turn at the pace of the last seconds.
private struct Pace {
  static let shortest = 60.0
  static let longest = 240.0
  private static let least = Seconds(3)

  private var begin: (at: Instant, written: Int)?

  mutating func span(of capacity: Int, written: Int, at now: Instant) -> Double? {
    guard let begin else {
      self.begin = (now, written)
      return nil
    }
    guard now - begin.at >= Self.least else { return nil }
    self.begin = (now, written)
    let rate = Double(written - begin.written) / (now - begin.at).value
    return rate > 0 ? Double(capacity) / rate : .infinity
  }

  /// What was measured before was at another rate.
  mutating func restart() { begin = nil }
}
