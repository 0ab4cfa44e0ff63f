package import PacketDecoding

/// What stopped the decoding of frames, at the one that the caller's position then says.
package enum DecodingStop {
  /// The batch is full, a frame of another interface follows, or there are no more.
  case none
  /// The frame holds this. A segment, which is part of the batch, has a port that was to be stopped at.
  case content(FrameContent)
  case error(DecodeError)
}

/// From frames to segments that wait for their turn.
extension Tracker {
  /// Decodes frames of one interface, for as long as they hold segments.
  ///
  /// One call for many frames: modules are compiled apart, and what a call costs is more than what there is to do.
  ///
  /// - Parameters:
  ///   - octets: those of the whole batch, among which the frames lie.
  ///   - position: the number of the first of the frames; then, of the one after those that were taken.
  ///   - interface: that of the first of them.
  ///   - hints: ports to stop at.
  package mutating func decode(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    from position: inout Int,
    interface: UInt8,
    _ clock: inout FrameClock,
    with decoder: borrowing FrameDecoder,
    stoppingAt hints: PortHints,
    into batch: inout ArrivalBatch
  ) -> DecodingStop {
    let namespace = settings.namespace(ofInterface: interface)
    let decodesUsual = decoder.decodesUsual && namespace == 0
    let source = frames[position].info.interface
    let jumps = clock.jumps
    defer { anomalies[.timeJump] += clock.jumps - jumps }
    while position < frames.count, !batch.isFull, frames[position].info.interface == source {
      if decodesUsual { position += batch.takeUsual(octets, frames.extracting(position...), interface, &clock, hints) }
      guard position < frames.count, !batch.isFull, frames[position].info.interface == source else { break }
      let frame = frames[position]
      clock.advance(to: frame.info.timestamp)
      let stop = batch.decode(octets, frame, interface, namespace, at: clock.now, with: decoder)
      guard case .none = stop else { return stop }
      batch.take()
      if !hints.isEmpty, hints.mayContain(oneOf: batch.decodedEnds) { return .content(.segment) }
      position += 1
    }
    return .none
  }

  /// Decodes a frame. If it holds a segment, that is `decoded` then, and part of the batch.
  ///
  /// - Parameters:
  ///   - octets: those of the whole batch, among which the frame lies.
  ///   - now: engine time.
  package mutating func decode(
    _ octets: RawSpan,
    _ frame: FrameRecord,
    interface: UInt8,
    at now: Instant,
    with decoder: borrowing FrameDecoder,
    into batch: inout ArrivalBatch
  ) throws(DecodeError) -> FrameContent {
    let namespace = settings.namespace(ofInterface: interface)
    switch batch.decode(octets, frame, interface, namespace, at: now, with: decoder) {
    case .none:
      batch.take()
      return .segment
    case .content(let content): return content
    case .error(let error): throw error
    }
  }
}

extension ArrivalBatch {
  /// Takes frames of one interface for as long as they are usual ones.
  ///
  /// - Returns: how many.
  fileprivate mutating func takeUsual(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    _ interface: UInt8,
    _ clock: inout FrameClock,
    _ hints: PortHints
  ) -> Int {
    let limit = UInt32(clamping: payloadLimit)
    let source = frames[0].info.interface
    // In registers.
    var time = clock
    let taken = fill(atMost: frames.count) { number, arrival in
      let frame = frames[number]
      guard frame.info.interface == source else { return false }
      return arrival.decodeUsual(octets, frame, interface, &time, hints, payloadLimit: limit)
    }
    clock = time
    return taken
  }

  /// Decodes a frame of any kind into the next place.
  fileprivate mutating func decode(
    _ octets: RawSpan,
    _ frame: FrameRecord,
    _ interface: UInt8,
    _ namespace: UInt8,
    at now: Instant,
    with decoder: borrowing FrameDecoder
  ) -> DecodingStop {
    let number = count
    do {
      let content = try decoder.decode(
        octets.extracting(frame.range),
        wireLength: frame.info.wireLength,
        into: &self[number].segment
      )
      guard case .segment = content else {
        pass()
        return .content(content)
      }
      self[number].note(frame, interface, namespace, at: now, payloadLimit: UInt32(clamping: payloadLimit))
      self[number].noteEnds()
      return .none
    } catch {
      return .error(error)
    }
  }
}

extension Arrival {
  /// Takes a frame if it is a usual one with none of the ports that are to be stopped at.
  @inline(__always)
  fileprivate mutating func decodeUsual(
    _ octets: RawSpan,
    _ frame: FrameRecord,
    _ interface: UInt8,
    _ clock: inout FrameClock,
    _ hints: PortHints,
    payloadLimit: UInt32
  ) -> Bool {
    guard let ends = segment.decodeUsual(octets.extracting(frame.range)) else { return false }
    if !hints.isEmpty, hints.mayContain(oneOf: (segment.source, segment.destination)) { return false }
    clock.advance(to: frame.info.timestamp)
    self.ends = ends
    isWide = false
    note(frame, interface, 0, at: clock.now, payloadLimit: payloadLimit)
    return true
  }

  @inline(__always)
  fileprivate mutating func note(
    _ frame: FrameRecord,
    _ interface: UInt8,
    _ namespace: UInt8,
    at now: Instant,
    payloadLimit: UInt32
  ) {
    self.interface = interface
    self.namespace = namespace
    self.now = now
    captured = frame.info.timestamp
    let start = min(segment.payloadOffset, frame.count)
    payloadStart = frame.start &+ start
    payloadCount = min(min(segment.payloadLength, payloadLimit), frame.count &- start)
  }
}

extension PortHints {
  @inline(__always)
  fileprivate func mayContain(oneOf ends: (source: Endpoint, destination: Endpoint)) -> Bool {
    mayContain(ends.source.port) || mayContain(ends.destination.port)
  }
}
