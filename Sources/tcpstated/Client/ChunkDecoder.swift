/// Takes the chunked coding off a body (RFC 9112, 7.1). Trailers are passed over.
struct ChunkDecoder {
  private enum Phase {
    /// The line with a chunk's size, as far as it came.
    case size(line: [UInt8])
    case data(rest: Int)
    /// The line break after a chunk's data.
    case dataEnd(rest: Int)
    /// After the chunk of size 0: lines up to an empty one.
    case trailer(lineLength: Int)
    case done
  }

  private var phase = Phase.size(line: [])
  private static let maximumLine = 1024

  /// - Returns: whether the body is complete.
  mutating func receive(_ bytes: ArraySlice<UInt8>, into body: inout [UInt8]) throws(HTTPResponse.Fault) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      if case .data(let count) = phase {
        let taken = rest.prefix(count)
        body += taken
        rest = rest.dropFirst(taken.count)
        phase = taken.count == count ? .dataEnd(rest: 2) : .data(rest: count - taken.count)
      } else if let byte = rest.popFirst() {
        phase = try next(byte)
      }
      guard body.count <= HTTPResponse.maximumBody else { throw .tooLarge }
      if case .done = phase { return true }
    }
    return false
  }

  private func next(_ byte: UInt8) throws(HTTPResponse.Fault) -> Phase {
    let lineFeed = UInt8(ascii: "\n")
    let carriageReturn = UInt8(ascii: "\r")
    switch phase {
    case .size(let line) where byte == lineFeed: return try begin(chunkOf: line)
    case .size(let line):
      guard line.count < Self.maximumLine else { throw .malformed }
      return .size(line: line + [byte])
    case .dataEnd(let rest):
      guard byte == (rest == 2 ? carriageReturn : lineFeed) else { throw .malformed }
      return rest == 2 ? .dataEnd(rest: 1) : .size(line: [])
    case .trailer(let length) where byte == lineFeed: return length == 0 ? .done : .trailer(lineLength: 0)
    case .trailer(let length): return .trailer(lineLength: byte == carriageReturn ? length : length + 1)
    case .data, .done: return phase
    }
  }

  private func begin(chunkOf line: [UInt8]) throws(HTTPResponse.Fault) -> Phase {
    let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: " ") }
    guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0 else { throw .malformed }
    guard size <= HTTPResponse.maximumBody else { throw .tooLarge }
    return size == 0 ? .trailer(lineLength: 0) : .data(rest: size)
  }
}
