internal import PacketDecoding

/// The frames of one share, copied from among all that were read: they stand one after the other, so that the memory
/// of the next is on its way to who takes them.
///
/// The pointers are private, and each place in bounds: that is what makes it safe.
@safe
struct FrameParcel: ~Copyable {
  private var octets: UnsafeMutableRawBufferPointer
  private var used = 0
  private var frames: UnsafeMutableBufferPointer<FrameRecord>
  /// Of each, its number in the block.
  private var numbers: UnsafeMutableBufferPointer<UInt32>
  private var count = 0

  init() {
    unsafe octets = .allocate(byteCount: 32 << 10, alignment: 64)
    unsafe frames = .allocate(capacity: 512)
    unsafe numbers = .allocate(capacity: 512)
  }

  deinit {
    unsafe octets.deallocate()
    unsafe frames.deallocate()
    unsafe numbers.deallocate()
  }

  /// Adds some of the frames that were read together.
  ///
  /// - Parameters:
  ///   - indices: of those frames, among all of these.
  ///   - first: the number that the first of all has in the block.
  mutating func add(_ octets: RawSpan, _ all: Span<FrameRecord>, _ indices: Span<UInt32>, after first: Int) {
    guard !indices.isEmpty else { return }
    var sum = 0
    for place in indices.indices { sum += all[Int(indices[place])].range.count }
    makeRoom(frames: indices.count, octets: sum)
    guard var to = unsafe self.octets.baseAddress?.advanced(by: used), let start = unsafe self.octets.baseAddress,
      var frame = unsafe frames.baseAddress?.advanced(by: count),
      var number = unsafe numbers.baseAddress?.advanced(by: count)
    else { return }
    for place in indices.indices {
      let index = indices[place]
      let record = all[Int(index)]
      unsafe octets.extracting(record.range).withUnsafeBytes { from in
        guard let from = from.baseAddress else { return }
        unsafe to.copyMemory(from: from, byteCount: record.range.count)
      }
      unsafe frame.pointee = record.moved(by: to - start - record.range.lowerBound)
      unsafe number.pointee = UInt32(truncatingIfNeeded: first) &+ index
      unsafe to += record.range.count
      unsafe frame += 1
      unsafe number += 1
    }
    used = unsafe to - start
    count += indices.count
  }

  private mutating func makeRoom(frames more: Int, octets moreOctets: Int) {
    if unsafe count + more > frames.count {
      let capacity = unsafe max(2 * frames.count, count + more)
      unsafe frames = Self.moved(frames, count, capacity)
      unsafe numbers = Self.moved(numbers, count, capacity)
    }
    guard unsafe used + moreOctets > octets.count else { return }
    let capacity = unsafe max(2 * octets.count, used + moreOctets)
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 64)
    unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: octets[..<used]))
    unsafe octets.deallocate()
    unsafe octets = larger
  }

  private static func moved<Value: BitwiseCopyable>(
    _ old: UnsafeMutableBufferPointer<Value>,
    _ count: Int,
    _ capacity: Int
  ) -> UnsafeMutableBufferPointer<Value> {
    let larger = UnsafeMutableBufferPointer<Value>.allocate(capacity: capacity)
    _ = unsafe larger.update(fromContentsOf: old[..<count])
    unsafe old.deallocate()
    return unsafe larger
  }

  mutating func clear() { (used, count) = (0, 0) }

  func withFrames(_ body: (_ octets: RawSpan, _ frames: Span<FrameRecord>, _ numbers: Span<UInt32>) -> Void) {
    let octets = unsafe UnsafeRawBufferPointer(rebasing: octets[..<used])
    let frames = unsafe UnsafeBufferPointer(rebasing: frames[..<count])
    let numbers = unsafe UnsafeBufferPointer(rebasing: numbers[..<count])
    unsafe body(octets.bytes, frames.span, numbers.span)
  }
}
