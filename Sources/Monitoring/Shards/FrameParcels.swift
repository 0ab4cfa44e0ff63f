internal import CPrefetch
internal import PacketDecoding

/// The frames of each share, copied from among all that were read: they stand one after the other, so that the memory
/// of the next is on its way to who takes them.
///
/// The pointers are private, and each place in bounds: that is what makes it safe.
@safe
struct FrameParcels: ~Copyable {
  private let parcels: UnsafeMutableBufferPointer<Parcel>

  /// What is copied at once, whatever a frame has of it: as long as the headers of most.
  private static var usualLength: Int { MemoryLayout<SIMD64<UInt8>>.size }

  init(shares: Int) {
    unsafe parcels = .allocate(capacity: shares)
    for share in 0..<shares { unsafe parcels.initializeElement(at: share, to: Parcel()) }
  }

  deinit {
    for share in unsafe parcels.indices { unsafe parcels[share].deallocate() }
    unsafe parcels.deallocate()
  }

  /// Adds a frame, by its number in the block, to those of a share.
  @inline(__always)
  func add(_ octets: RawSpan, _ frame: FrameRecord, number: Int, to share: Int) {
    precondition(unsafe share >= 0 && share < parcels.count)
    guard let parcel = unsafe parcels.baseAddress?.advanced(by: share) else { return }
    let (start, count) = (Int(frame.start), Int(frame.count))
    let used = unsafe parcel.pointee.used
    if unsafe !parcel.pointee.hasRoom(for: count) { unsafe parcel.pointee.grow(by: count) }
    let to = unsafe parcel.pointee.octets + used
    if count <= Self.usualLength, octets.byteCount >= start + Self.usualLength {
      // All are among the octets, and there is room for them.
      let words = unsafe octets.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: SIMD64<UInt8>.self)
      unsafe to.storeBytes(of: words, as: SIMD64<UInt8>.self)
    } else if count <= 2 * Self.usualLength, count > Self.usualLength {
      // The end once more, from its own beginning on.
      let end = count &- Self.usualLength
      let frame = octets.extracting(frame.range)
      let words = unsafe frame.unsafeLoadUnaligned(fromUncheckedByteOffset: 0, as: SIMD64<UInt8>.self)
      let last = unsafe frame.unsafeLoadUnaligned(fromUncheckedByteOffset: end, as: SIMD64<UInt8>.self)
      unsafe to.storeBytes(of: words, as: SIMD64<UInt8>.self)
      unsafe to.storeBytes(of: last, toByteOffset: end, as: SIMD64<UInt8>.self)
    } else {
      unsafe octets.extracting(frame.range).withUnsafeBytes { from in
        if let from = from.baseAddress { unsafe to.copyMemory(from: from, byteCount: count) }
      }
    }
    let place = unsafe parcel.pointee.count
    unsafe Self.expect(parcel.pointee, place, to)
    unsafe parcel.pointee.frames[place] = frame.moved(by: used - start)
    unsafe parcel.pointee.numbers[place] = UInt32(truncatingIfNeeded: number)
    unsafe parcel.pointee.count = place &+ 1
    unsafe parcel.pointee.used = used &+ count
  }

  /// Asks for the memory of frames that come: another thread read it last, and each line of it would be waited for.
  @inline(__always)
  private static func expect(_ parcel: Parcel, _ place: Int, _ octets: UnsafeMutableRawPointer) {
    let line = Int(tcpstated_cache_line)
    unsafe tcpstated_prefetch(octets + 16 * line)
    unsafe tcpstated_prefetch(octets + 17 * line)
    unsafe tcpstated_prefetch(parcel.frames + place + 24)
    unsafe tcpstated_prefetch(parcel.numbers + place + 64)
  }

  mutating func clear() {
    for share in unsafe parcels.indices { unsafe (parcels[share].used, parcels[share].count) = (0, 0) }
  }

  func withFrames(
    of share: Int,
    _ body: (_ octets: RawSpan, _ frames: Span<FrameRecord>, _ numbers: Span<UInt32>) -> Void
  ) {
    let parcel = unsafe parcels[share]
    let octets = unsafe UnsafeRawBufferPointer(start: parcel.octets, count: parcel.used)
    let frames = unsafe UnsafeBufferPointer(start: parcel.frames, count: parcel.count)
    let numbers = unsafe UnsafeBufferPointer(start: parcel.numbers, count: parcel.count)
    unsafe body(octets.bytes, frames.span, numbers.span)
  }

  /// Those of one share.
  @unsafe
  private struct Parcel {
    var octets: UnsafeMutableRawPointer
    var used = 0
    private var octetCapacity = 32 << 10
    var frames: UnsafeMutablePointer<FrameRecord>
    /// Of each, its number in the block.
    var numbers: UnsafeMutablePointer<UInt32>
    var count = 0
    private var capacity = 512

    init() {
      unsafe octets = .allocate(byteCount: octetCapacity, alignment: 64)
      unsafe frames = .allocate(capacity: capacity)
      unsafe numbers = .allocate(capacity: capacity)
    }

    func deallocate() {
      unsafe octets.deallocate()
      unsafe frames.deallocate()
      unsafe numbers.deallocate()
    }

    /// For one more frame, and for what is copied at once.
    @inline(__always)
    func hasRoom(for more: Int) -> Bool {
      unsafe count < capacity && octetCapacity &- used >= max(more, FrameParcels.usualLength)
    }

    @inline(never)
    mutating func grow(by more: Int) {
      let (octets, frames, numbers) = unsafe (self.octets, self.frames, self.numbers)
      unsafe octetCapacity = 2 * octetCapacity + more
      unsafe capacity *= 2
      unsafe self.octets = .allocate(byteCount: octetCapacity, alignment: 64)
      unsafe self.octets.copyMemory(from: octets, byteCount: used)
      unsafe self.frames = .allocate(capacity: capacity)
      unsafe self.frames.update(from: frames, count: count)
      unsafe self.numbers = .allocate(capacity: capacity)
      unsafe self.numbers.update(from: numbers, count: count)
      unsafe octets.deallocate()
      unsafe frames.deallocate()
      unsafe numbers.deallocate()
    }
  }
}
