internal import PacketDecoding

/// Frames that wait, as copies.
struct HeldFrames {
  private var frames: [(octets: [UInt8], info: FrameInfo)] = []

  var isEmpty: Bool { frames.isEmpty }
  var first: FrameInfo? { frames.first?.info }

  mutating func append(_ frame: RawSpan, _ info: FrameInfo) {
    frames.append((unsafe frame.withUnsafeBytes { unsafe Array($0) }, info))
  }

  /// Hands them over, oldest first, and keeps none.
  mutating func release(_ body: FrameHandler) {
    for frame in frames { unsafe body(frame.octets.span.bytes, frame.info) }
    frames.removeAll()
  }
}
