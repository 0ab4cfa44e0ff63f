/// The part of a stream that is being looked at. Records lie in it whole, so that parsers see plain contiguous octets.
///
/// read() into a buffer that stays in the second-level cache is as fast as a mapping, and works for pipes.
@safe
struct InputBuffer: ~Copyable {
  private static let capacity = 256 * 1024

  private var source: FileSource
  private var inflater: Inflater?
  private var storage: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  /// The offset of the first available octet, in the file or in what it decompresses to.
  private(set) var position: UInt64 = 0
  private var hasEnded = false
  /// Why the stream ended, unless it just did.
  private(set) var failure: String?

  init(path: String) throws(CaptureError) {
    source = try FileSource(path: path)
    unsafe storage = .allocate(byteCount: Self.capacity, alignment: 64)
    _ = fill(4)
    if startsWithGzipMagic {
      let head = unsafe UnsafeRawBufferPointer(rebasing: storage[..<end])
      inflater = unsafe Inflater(head: head)
      end = 0
    }
  }

  deinit {
    unsafe storage.deallocate()
  }

  var isCompressed: Bool { inflater != nil }
  /// What follows the compressed data was not read.
  var ignoresRest: Bool { inflater?.ignoresRest ?? false }
  var bytesRead: UInt64 { source.bytesRead }
  var byteCount: UInt64? { source.byteCount }
  var availableCount: Int { end - start }

  func withAvailable<Result>(_ body: (RawSpan) -> Result) -> Result {
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: storage[start..<end])
    return unsafe body(bytes.bytes)
  }

  mutating func consume(_ count: Int) {
    start += min(count, end - start)
    position += UInt64(count)
  }

  /// Makes `count` octets available.
  /// - Returns: false when the stream ends before that.
  mutating func fill(_ count: Int) -> Bool {
    if end - start >= count { return true }
    makeRoom(for: count)
    while end - start < count {
      // Not asked twice: a terminal would wait for more.
      guard !hasEnded, let more = readMore() else {
        hasEnded = true
        return false
      }
      end += more
    }
    return true
  }

  /// Passes over `count` octets without keeping them.
  /// - Returns: false when the stream ends before that.
  mutating func skip(_ count: UInt64) -> Bool {
    var left = count
    while true {
      let step = Int(min(left, UInt64(end - start)))
      consume(step)
      left -= UInt64(step)
      if left == 0 { return true }
      guard fill(1) else { return false }
    }
  }

  private var startsWithGzipMagic: Bool {
    // RFC 1952, 2.3.1: ID1, ID2, and CM = deflate.
    end - start >= 3 && withAvailable { $0.load8(at: 0) == 0x1f && $0.load8(at: 1) == 0x8b && $0.load8(at: 2) == 8 }
  }

  private mutating func readMore() -> Int? {
    let room = unsafe UnsafeMutableRawBufferPointer(rebasing: storage[end...])
    if let inflater {
      switch unsafe inflater.read(from: &source, into: room) {
      case .bytes(let count): return count
      case .end: return nil
      case .damaged(let reason):
        failure = reason
        return nil
      }
    }
    switch unsafe source.read(into: room) {
    case .bytes(let count): return count
    case .end: return nil
    case .failed(let code):
      failure = systemMessage(code)
      return nil
    }
  }

  /// Moves what is left to the front; parsers ask for no more than the largest record they accept.
  private mutating func makeRoom(for count: Int) {
    let left = end - start
    let target =
      unsafe count > storage.count
      ? UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64) : storage
    if left > 0, let to = target.baseAddress, let from = unsafe storage.baseAddress {
      unsafe to.copyMemory(from: from + start, byteCount: left)
    }
    if unsafe target.baseAddress != storage.baseAddress {
      unsafe storage.deallocate()
      unsafe storage = target
    }
    start = 0
    end = left
  }
}
