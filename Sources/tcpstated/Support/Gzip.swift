import CZlib

/// Compresses what is in memory (RFC 1952).
enum Gzip {
  static func compress(_ bytes: [UInt8]) throws -> [UInt8] {
    var stream = unsafe z_stream()
    guard unsafe tcpstated_deflate_init(&stream) == Z_OK else { throw Failure("zlib cannot begin") }
    defer { unsafe deflateEnd(&stream) }
    // All of it finds room, so that one call does.
    var result = [UInt8](repeating: 0, count: Int(unsafe deflateBound(&stream, UInt(bytes.count))) + 64)
    var input = bytes
    let code = unsafe input.withUnsafeMutableBufferPointer { input in
      unsafe result.withUnsafeMutableBufferPointer { output in
        unsafe stream.next_in = input.baseAddress
        unsafe stream.avail_in = UInt32(clamping: input.count)
        unsafe stream.next_out = output.baseAddress
        unsafe stream.avail_out = UInt32(clamping: output.count)
        return unsafe deflate(&stream, Z_FINISH)
      }
    }
    guard code == Z_STREAM_END else { throw Failure("zlib cannot compress \(bytes.count) octets") }
    result.removeLast(result.count - Int(unsafe stream.total_out))
    return result
  }
}
