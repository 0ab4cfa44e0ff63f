package import PacketDecoding

/// What capture files are read into.
///
/// One object instead of two closures: both calls change the same engine.
package protocol FrameSink: ~Copyable {
  /// An interface, before its first frame. Frames refer to interfaces by their number: 0 for the one declared first.
  mutating func declare(_ interface: CaptureInterface)
  /// Frames that lie among `octets`, many at once: what a call costs is paid once for all of them.
  mutating func take(_ octets: RawSpan, _ frames: Span<FrameRecord>)
}
