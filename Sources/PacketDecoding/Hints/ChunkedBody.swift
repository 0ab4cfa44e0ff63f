extension RawSpan {
  /// Whether a payload ends like the last chunk of a body without trailers (RFC 9112, 7.1).
  package var endsLikeLastChunk: Bool {
    let end: InlineArray<5, UInt8> = [0x30, 0x0D, 0x0A, 0x0D, 0x0A]
    guard byteCount >= end.count else { return false }
    for index in end.indices where uint8(at: byteCount - end.count + index) != end[index] { return false }
    return true
  }
}
