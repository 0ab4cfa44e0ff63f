internal import CZlib

/// Decompresses gzip as it streams by: any number of members one after the other (RFC 1952, 2.2), as gzip, bgzip and
/// log rotation write them.
@safe
final class Inflater {
  private static let inputCapacity = 64 * 1024

  // zlib keeps a pointer back to the stream, so it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutableRawBufferPointer
  /// Whether the data so far ends with a whole member: only there may the file end.
  private var betweenMembers = false
  /// Behind the last member stand octets that begin no other one: they are no part of the data, as for gzip.
  private(set) var ignoresRest = false
  private var hasWholeMember = false
  /// Found behind the last octets that were good.
  private var damage: String?

  /// - Parameter head: what was already read of the file, at most `inputCapacity` octets.
  init?(head: UnsafeRawBufferPointer) {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    unsafe input = .allocate(byteCount: max(Self.inputCapacity, head.count), alignment: 16)
    guard unsafe tcpstated_inflate_init(stream) == Z_OK else {
      unsafe stream.deallocate()
      unsafe input.deallocate()
      return nil
    }
    unsafe input.copyMemory(from: head)
    offer(head.count)
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
    unsafe input.deallocate()
  }

  enum Outcome {
    case bytes(Int)
    case end
    case damaged(String)
  }

  func read(from source: inout FileSource, into output: UnsafeMutableRawBufferPointer) -> Outcome {
    unsafe stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
    unsafe stream.pointee.avail_out = uInt(output.count)
    while damage == nil {
      if unsafe stream.pointee.avail_in == 0 {
        switch unsafe source.read(into: input) {
        case .bytes(let count): offer(count)
        case .end:
          if betweenMembers { return .end }
          return isRest(within: 1) ? endBeforeRest() : .damaged("the compressed data ends early")
        case .failed(let code): return .damaged(systemMessage(code))
        }
      }
      if betweenMembers, let stop = beginMember() { return stop }
      let status = unsafe inflate(stream, Z_NO_FLUSH)
      betweenMembers = status == Z_STREAM_END
      if betweenMembers { hasWholeMember = true }
      if status == Z_DATA_ERROR, isRest(within: 2) { return endBeforeRest() }
      if status != Z_OK, status != Z_STREAM_END, status != Z_BUF_ERROR {
        damage = "the compressed data is damaged (\(message(for: status)))"
      }
      let produced = unsafe output.count - Int(stream.pointee.avail_out)
      if produced > 0 { return .bytes(produced) }
    }
    return damage.map { .damaged($0) } ?? .end
  }

  /// After a member comes another one, or padding with zeros as tapes have it, which is the end.
  private func beginMember() -> Outcome? {
    guard unsafe stream.pointee.next_in.pointee != 0 else { return .end }
    guard unsafe inflateReset(stream) == Z_OK else { return .damaged("zlib cannot go on") }
    return nil
  }

  /// What follows a whole member failed within so many octets of its mark (RFC 1952, 2.3.1: ID1 and ID2).
  private func isRest(within count: uLong) -> Bool {
    unsafe hasWholeMember && stream.pointee.total_in <= count
  }

  private func endBeforeRest() -> Outcome {
    ignoresRest = true
    return .end
  }

  private func offer(_ count: Int) {
    unsafe stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: Bytef.self)
    unsafe stream.pointee.avail_in = uInt(count)
  }

  private func message(for status: Int32) -> String {
    if let text = unsafe stream.pointee.msg { return unsafe String(cString: text) }
    return "zlib error \(status)"
  }
}
