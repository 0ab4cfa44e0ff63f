internal import CPrefetch
internal import PacketDecoding

/// The frames of one share among those of a block, in order, and the number of each in the block.
struct FrameSelection {
  private var frames: [FrameRecord] = []
  private var numbers: [UInt32] = []
  private var count = 0

  mutating func take(of share: Int, _ content: borrowing BlockContent) {
    if frames.count < content.count {
      let more = content.count - frames.count
      frames += Array(repeating: .none, count: more)
      numbers += Array(repeating: 0, count: more)
    }
    count = Self.take(of: share, content, &frames, &numbers)
  }

  private static func take(
    of share: Int,
    _ content: borrowing BlockContent,
    _ frames: inout [FrameRecord],
    _ numbers: inout [UInt32]
  ) -> Int {
    var frames = frames.mutableSpan
    var numbers = numbers.mutableSpan
    var count = 0
    content.forEachFrame(of: share) { number, frame in
      frames[count] = frame
      numbers[count] = UInt32(truncatingIfNeeded: number)
      count &+= 1
    }
    return count
  }

  func withFrames(_ body: (_ frames: Span<FrameRecord>, _ numbers: Span<UInt32>) -> Void) {
    body(frames.span.extracting(first: count), numbers.span.extracting(first: count))
  }
}

/// Frames that are looked at together lie apart, with others' between them, and another thread wrote them.
enum FrameMemory {
  /// As far as most headers go.
  private static let headerEnd = 64

  /// Asks for the headers of some frames, if there are as many.
  static func expect(_ octets: RawSpan, _ frames: Span<FrameRecord>, _ wanted: Range<Int>) {
    // Only asked for: what is no address of theirs is no harm.
    unsafe octets.withUnsafeBytes { octets in
      guard let start = octets.baseAddress else { return }
      for index in wanted.clamped(to: frames.indices) {
        let frame = unsafe start + Int(frames[index].start)
        unsafe tcpstated_prefetch_shared(frame)
        unsafe tcpstated_prefetch_shared(frame + headerEnd)
      }
    }
  }
}
