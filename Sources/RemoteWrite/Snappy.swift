internal import CSnappy

/// The block format of snappy.
enum Snappy {
  static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var size = snappy_max_compressed_length(bytes.count)
    return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      unsafe bytes.withUnsafeBytes { input in
        // It fails only without room, which there is.
        _ = unsafe snappy_compress(
          input.baseAddress?.assumingMemoryBound(to: CChar.self),
          input.count,
          UnsafeMutableRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self),
          &size
        )
      }
      count = size
    }
  }
}
