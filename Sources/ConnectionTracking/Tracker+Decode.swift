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
      if decodesUsual {
        let count = takeUsual(octets, frames.extracting(position...), interface, &clock, hints, &batch)
        position += count
        if count == ArrivalBatch.usualAtOnce { continue }
      }
      guard position < frames.count, !batch.isFull, frames[position].info.interface == source else { break }
      let frame = frames[position]
      clock.advance(to: frame.info.timestamp)
      let stop = batch.decode(octets, frame, interface, namespace, at: clock.now, with: decoder)
      guard case .none = stop else { return stop }
      recognize(&batch[batch.count])
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
      recognize(&batch[batch.count])
      batch.take()
      return .segment
    case .content(let content): return content
    case .error(let error): throw error
    }
  }

  /// Takes frames of one interface for as long as they are usual ones.
  ///
  /// Several short loops, in functions of their own: all that one needs is in registers then.
  ///
  /// - Returns: how many.
  private mutating func takeUsual(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    _ interface: UInt8,
    _ clock: inout FrameClock,
    _ hints: PortHints,
    _ batch: inout ArrivalBatch
  ) -> Int {
    let first = batch.count
    let optionsLeft = batch.fillUsual(octets, frames, interface)
    guard batch.count > first else { return 0 }
    if !hints.isEmpty { batch.stop(at: hints, from: first) }
    if optionsLeft != 0 { batch.readOptions(octets, frames, optionsLeft, from: first) }
    recognizeNarrow(&batch, from: first, &clock)
    if first < LookAhead.placed { seekPlaces(&batch, from: first) }
    batch.limitPayload(from: first)
    return batch.count - first
  }

  @inline(never)
  private mutating func recognizeNarrow(_ batch: inout ArrivalBatch, from first: Int, _ clock: inout FrameClock) {
    var time = clock
    batch.update(from: first) { arrival in
      time.advance(to: arrival.captured)
      arrival.now = time.now
      recognizeNarrow(&arrival)
    }
    clock = time
  }

  /// Asks for where the lookups of the first of a batch begin.
  @inline(never)
  private mutating func seekPlaces(_ batch: inout ArrivalBatch, from first: Int) {
    let index = table.places
    batch.update(from: first) { arrival in table.prefetchIndex(arrival.tag, index) }
  }
}

extension ArrivalBatch {
  /// As many as there is a bit for.
  fileprivate static var usualAtOnce: Int { UInt64.bitWidth }

  /// Decodes frames of one interface into the next places, for as long as they are usual ones.
  ///
  /// - Returns: a bit for each whose TCP options are left to be read.
  @inline(never)
  fileprivate mutating func fillUsual(_ octets: RawSpan, _ frames: Span<FrameRecord>, _ interface: UInt8) -> UInt64 {
    guard frames.count > 0 else { return 0 }
    let source = frames[0].info.interface
    var optionsLeft: UInt64 = 0
    fill(atMost: min(frames.count, Self.usualAtOnce)) { number, arrival in
      let frame = frames[number]
      guard frame.info.interface == source else { return false }
      arrival.note(frame)
      arrival.noteNarrow(interface)
      switch arrival.segment.decodeUsual(octets, at: Int(frame.start), count: Int(frame.count)) {
      case .no: return false
      case .yes: break
      case .withOptions: optionsLeft |= 1 &<< UInt64(truncatingIfNeeded: number)
      }
      return true
    }
    return optionsLeft
  }

  /// Reads the TCP options of those that have a bit, in which the lowest is that of the first.
  @inline(never)
  fileprivate mutating func readOptions(
    _ octets: RawSpan,
    _ frames: Span<FrameRecord>,
    _ bits: UInt64,
    from first: Int
  ) {
    var left = bits
    while left != 0, case let number = left.trailingZeroBitCount, first &+ number < count {
      self[first &+ number].segment.readOptions(octets.extracting(frames[number].range))
      left &= left &- 1
    }
  }

  /// Takes back those from the first on that may have one of some ports.
  @inline(never)
  fileprivate mutating func stop(at hints: PortHints, from first: Int) {
    for number in first..<count where hints.mayContain(self[number].ports) { return drop(from: number) }
  }

  /// No payload of a usual frame is longer than its packet.
  private static let longestUsual = Int(UInt16.max)

  /// Leaves at most so much payload to be looked at as was wanted, of the usual frames from a number on.
  @inline(__always)
  fileprivate mutating func limitPayload(from first: Int) {
    guard payloadLimit < Self.longestUsual else { return }
    let limit = UInt32(clamping: payloadLimit)
    update(from: first) { arrival in arrival.limitPayload(to: limit) }
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
      self[number].now = now
      self[number].note(frame)
      self[number].note(interface, in: namespace)
      self[number].limitPayload(to: UInt32(clamping: payloadLimit))
      return .none
    } catch {
      return .error(error)
    }
  }
}

extension PortHints {
  @inline(__always)
  fileprivate func mayContain(oneOf ends: (source: Endpoint, destination: Endpoint)) -> Bool {
    mayContain(ends.source.port) || mayContain(ends.destination.port)
  }

  /// - Parameter ports: two of them.
  @inline(__always)
  fileprivate func mayContain(_ ports: UInt32) -> Bool {
    mayContain(UInt16(truncatingIfNeeded: ports)) || mayContain(UInt16(truncatingIfNeeded: ports >> 16))
  }
}
