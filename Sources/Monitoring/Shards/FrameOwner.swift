internal import COctets

/// Of a frame: the number of the share, if it is anybody's, and whether it holds a segment. One octet, so that a share
/// finds its own among those of a block many at once.
struct FrameOwner: BitwiseCopyable, Sendable {
  private let octet: UInt8

  static var nobody: FrameOwner { FrameOwner(octet: .max) }
  static var shareLimit: Int { Int(icmpError) }

  private init(octet: UInt8) { self.octet = octet }

  @inline(__always)
  init(ofSegment share: Int) { octet = UInt8(truncatingIfNeeded: share) }

  init(ofICMPError share: Int) { octet = UInt8(truncatingIfNeeded: share) | Self.icmpError }

  @inline(__always)
  var hasSegment: Bool { octet < Self.icmpError }

  private static var icmpError: UInt8 { 0x40 }
}

/// The owners of a block's frames.
///
/// The array is as long as it says, in whole groups: that is what makes it safe.
@safe
struct FrameOwners {
  private var owners: [FrameOwner] = []

  /// Looked at together.
  private static var group: Int { 64 }

  mutating func makeRoom(for count: Int) {
    guard owners.count < count else { return }
    let more = count - owners.count
    owners += Array(repeating: .nobody, count: (more + Self.group - 1) / Self.group * Self.group)
  }

  @inline(__always)
  subscript(number: Int) -> FrameOwner { owners[number] }

  @inline(__always)
  mutating func withMutable(_ body: (inout MutableSpan<FrameOwner>) -> Void) {
    var span = owners.mutableSpan
    body(&span)
  }

  /// Names the frames of a share, in order, among the first `count`.
  @inline(__always)
  func forEach(of share: Int, before count: Int, _ body: (Int) -> Void) {
    let octet = UInt8(truncatingIfNeeded: share)
    unsafe owners.withUnsafeBytes { octets in
      precondition(count <= octets.count && octets.count.isMultiple(of: Self.group))
      guard let start = octets.baseAddress else { return }
      for first in stride(from: 0, to: count, by: Self.group) {
        var found = unsafe tcpstated_like(start + first, octet, FrameOwner(ofICMPError: 0).mark)
        if count - first < Self.group { found &= 1 &<< UInt64(count - first) &- 1 }
        while found != 0 {
          body(first &+ found.trailingZeroBitCount)
          found &= found &- 1
        }
      }
    }
  }
}

extension FrameOwner {
  /// What is not the number of the share.
  fileprivate var mark: UInt8 { octet }
}
