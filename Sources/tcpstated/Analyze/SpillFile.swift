import ConnectionTracking
import Glibc

/// A file without a name, gone with the process, that holds connections as they are in memory.
struct SpillFile: ~Copyable {
  private let descriptor: Int32
  private static let stride = MemoryLayout<ConnectionView>.stride

  init() throws {
    descriptor = try Self.open()
  }

  deinit { close(descriptor) }

  /// In TMPDIR, or /var/tmp: /tmp may be memory, and that is what this is to spare.
  private static func open() throws -> Int32 {
    let directory = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/var/tmp"
    var template = Array("\(directory)/tcpstated-XXXXXX".utf8CString)
    let descriptor = unsafe mkstemp(&template)
    guard descriptor >= 0 else { throw failure(directory, errno) }
    unsafe unlink(template)
    return descriptor
  }

  private static func failure(_ place: String, _ code: Int32) -> Failure {
    Failure("cannot write a temporary file in \(place) (TMPDIR chooses another): \(systemMessage(code))")
  }

  func append(_ connections: [ConnectionView]) throws {
    do {
      try unsafe connections.withUnsafeBytes { try unsafe Descriptor.write($0, to: descriptor) }
    } catch let failure as Descriptor.Failure {
      throw Failure("cannot write a temporary file (TMPDIR chooses another place): \(failure)")
    }
  }

  /// - Parameter range: of connections, from the file's begin.
  func read(_ range: Range<Int>) throws -> [ConnectionView] {
    try unsafe [ConnectionView](unsafeUninitializedCapacity: range.count) { buffer, count in
      // The array may have room for more.
      let bytes = unsafe UnsafeMutableRawBufferPointer(
        rebasing: UnsafeMutableRawBufferPointer(buffer)[..<(range.count * Self.stride)]
      )
      try unsafe fill(bytes, from: range.lowerBound * Self.stride)
      count = range.count
    }
  }

  private func fill(_ bytes: UnsafeMutableRawBufferPointer, from offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let place = unsafe bytes.baseAddress?.advanced(by: done)
      let count = unsafe pread(descriptor, place, bytes.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw Failure("cannot read a temporary file: \(count < 0 ? systemMessage(errno) : "it is too short")")
      }
      done += count
    }
  }
}
