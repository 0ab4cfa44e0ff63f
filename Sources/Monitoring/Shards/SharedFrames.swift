internal import PacketDecoding

/// The frames of a block, where all shares read them: copied many at once, as they stand among the octets that they
/// were read with.
///
/// The pointers are private, and each place in bounds: that is what makes it safe.
@safe
struct SharedFrames: ~Copyable {
  private var octets: UnsafeMutableRawBufferPointer
  private(set) var octetCount = 0
  private var records: UnsafeMutableBufferPointer<FrameRecord>
  private(set) var count = 0

  init() {
    unsafe octets = .allocate(byteCount: 64 << 10, alignment: 64)
    unsafe records = .allocate(capacity: 512)
  }

  deinit {
    unsafe octets.deallocate()
    unsafe records.deallocate()
  }

  @inline(__always)
  subscript(number: Int) -> FrameRecord {
    precondition(number >= 0 && number < count)
    return unsafe records[number]
  }

  func withFrames(_ body: (_ octets: RawSpan, _ frames: Span<FrameRecord>) -> Void) {
    let octets = unsafe UnsafeRawBufferPointer(rebasing: octets[..<octetCount])
    let records = unsafe UnsafeBufferPointer(rebasing: records[..<count])
    unsafe body(octets.bytes, records.span)
  }

  /// Adds frames that were read together.
  mutating func add(_ source: RawSpan, _ frames: Span<FrameRecord>) {
    guard let part = Self.part(of: frames) else { return }
    makeRoom(frames: frames.count, octets: part.count)
    unsafe source.extracting(part).withUnsafeBytes { part in
      unsafe UnsafeMutableRawBufferPointer(rebasing: octets[octetCount...]).copyMemory(from: part)
    }
    let distance = octetCount - part.lowerBound
    // There is room for them.
    guard var place = unsafe records.baseAddress?.advanced(by: count) else { return }
    for index in frames.indices {
      unsafe place.initialize(to: frames[index].moved(by: distance))
      unsafe place += 1
    }
    octetCount += part.count
    count += frames.count
  }

  /// The octets from the first frame to the last.
  private static func part(of frames: Span<FrameRecord>) -> Range<Int>? {
    guard !frames.isEmpty else { return nil }
    var (start, end) = (frames[0].range.lowerBound, frames[0].range.upperBound)
    for index in frames.indices {
      let range = frames[index].range
      start = min(start, range.lowerBound)
      end = max(end, range.upperBound)
    }
    return start..<end
  }

  private mutating func makeRoom(frames: Int, octets more: Int) {
    if unsafe count + frames > records.count {
      let larger = unsafe UnsafeMutableBufferPointer<FrameRecord>.allocate(
        capacity: max(2 * records.count, count + frames)
      )
      _ = unsafe larger.update(fromContentsOf: records[..<count])
      unsafe records.deallocate()
      unsafe records = larger
    }
    guard unsafe octetCount + more > octets.count else { return }
    let larger = unsafe UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(2 * octets.count, octetCount + more),
      alignment: 64
    )
    unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: octets[..<octetCount]))
    unsafe octets.deallocate()
    unsafe octets = larger
  }

  mutating func clear() { (octetCount, count) = (0, 0) }
}
