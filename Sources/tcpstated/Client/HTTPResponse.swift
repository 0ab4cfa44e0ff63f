/// A response to a GET, read as it comes in: the head once, the body by `Content-Length`, in chunks, or up to the end.
struct HTTPResponse {
  enum Fault: Error, Equatable {
    case notHTTP
    case malformed
    case tooLarge
  }

  static let maximumHead = 64 << 10
  static let maximumBody = 512 << 20

  private(set) var status = 0
  private(set) var reason = ""
  private(set) var body: [UInt8] = []
  private(set) var isComplete = false

  private var head: [UInt8] = []
  private var framing = Framing.head

  private enum Framing {
    case head
    case length(rest: Int)
    case chunked(ChunkDecoder)
    case untilClosed
  }

  /// Takes what was read.
  mutating func receive(_ bytes: ArraySlice<UInt8>) throws(Fault) {
    guard !isComplete else { return }
    switch framing {
    case .head: try receiveHead(bytes)
    case .length(let rest):
      body += bytes.prefix(rest)
      framing = .length(rest: rest - min(rest, bytes.count))
      isComplete = rest <= bytes.count
    case .chunked(var decoder):
      isComplete = try decoder.receive(bytes, into: &body)
      framing = .chunked(decoder)
    case .untilClosed: body += bytes
    }
    guard body.count <= Self.maximumBody else { throw .tooLarge }
  }

  /// The other side has closed. False when something is lacking.
  mutating func end() -> Bool {
    if case .untilClosed = framing { isComplete = true }
    return isComplete
  }

  private mutating func receiveHead(_ bytes: ArraySlice<UInt8>) throws(Fault) {
    // An end of the head may lie across two reads.
    let start = max(0, head.count - 3)
    head += bytes
    guard head.starts(with: Array("HTTP/1.".utf8).prefix(head.count)) else { throw .notHTTP }
    guard let end = Self.endOfHead(in: head[start...]) else {
      guard head.count <= Self.maximumHead else { throw .tooLarge }
      return
    }
    let rest = head[end...]
    try readHead(head[..<end])
    head = []
    if case .length(0) = framing { isComplete = true }
    try receive(rest)
  }

  private static func endOfHead(in bytes: ArraySlice<UInt8>) -> Int? {
    let blankLine = Array("\r\n\r\n".utf8)
    return bytes.indices.first { bytes[$0...].starts(with: blankLine) }.map { $0 + blankLine.count }
  }

  private mutating func readHead(_ bytes: ArraySlice<UInt8>) throws(Fault) {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
    let words = lines.first?.split(separator: " ", maxSplits: 2) ?? []
    guard words.count >= 2, let status = Int(words[1]), (100...599).contains(status) else { throw .notHTTP }
    self.status = status
    reason = words.count > 2 ? String(words[2]) : ""
    framing = .untilClosed
    for line in lines.dropFirst() { try readField(line) }
    if status == 204 || status == 304 { framing = .length(rest: 0) }
  }

  private mutating func readField(_ line: Substring) throws(Fault) {
    guard let colon = line.firstIndex(of: ":") else { throw .malformed }
    let value = line[line.index(after: colon)...].filter { $0 != " " && $0 != "\t" }.lowercased()
    switch (line[..<colon].lowercased(), framing) {
    case ("transfer-encoding", _):
      guard value == "chunked" else { throw .malformed }
      framing = .chunked(ChunkDecoder())
    case ("content-length", .untilClosed):
      guard let length = Int(value), length >= 0 else { throw .malformed }
      guard length <= Self.maximumBody else { throw .tooLarge }
      framing = .length(rest: length)
    default: break
    }
  }
}
