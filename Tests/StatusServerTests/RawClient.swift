import Foundation
import Glibc
import PacketDecoding

@testable import StatusServer

/// A client that sends what it likes, byte by byte if need be. It blocks: use it within `onThread`.
final class RawClient {
  private let descriptor: Int32
  private var unread: [UInt8] = []

  struct Failure: Error {
    var reason: String
  }

  /// Longer than anything a test waits for.
  private static let patience = 20

  init(_ address: ListenAddress) throws {
    descriptor =
      switch address {
      case .tcp(let endpoint): try Self.connect(port: endpoint.port)
      case .unix(let path): try Self.connect(path: path)
      }
    var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  deinit { close(descriptor) }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  /// - Throws: when the server has gone.
  func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Failure(reason: "send: error \(errno)") }
      rest = rest.dropFirst(count)
    }
  }

  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Small enough that the server's answer does not fit into what the kernel holds for it.
  func shrinkReceiveBuffer() {
    var size: Int32 = 4096
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Whether the server ends the connection, in order or not, before the patience does.
  func isEnded() -> Bool {
    while true {
      switch receive() {
      case .bytes: continue
      case .end: return true
      case .timeout: return false
      }
    }
  }

  /// The next answer.
  ///
  /// - Parameter hasBody: false for an answer to HEAD.
  func reply(hasBody: Bool = true) throws -> Reply {
    var needed = 1
    while true {
      if unread.count >= needed {
        switch Reply.parse(unread, hasBody: hasBody) {
        case .whole(let reply, let length):
          unread.removeFirst(length)
          return reply
        case .needs(let count): needed = count
        }
      }
      guard case .bytes(let bytes) = receive() else {
        throw Failure(reason: "no answer, but '\(String(decoding: unread.prefix(500), as: UTF8.self))'")
      }
      unread += bytes
    }
  }

  func get(_ target: String, host: String = "localhost") throws -> Reply {
    try send("GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\r\n")
    return try reply()
  }

  func head(_ target: String) throws -> Reply {
    try send("HEAD \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return try reply(hasBody: false)
  }

  /// Everything that comes, until these words have come so often.
  func text(until times: Int, of words: String) throws -> String {
    while true {
      let text = String(decoding: unread, as: UTF8.self)
      if text.components(separatedBy: words).count > times { return text }
      guard case .bytes(let bytes) = receive() else {
        throw Failure(reason: "'\(words)' did not come: \(text.prefix(500))")
      }
      unread += bytes
    }
  }

  private enum Received {
    case bytes(ArraySlice<UInt8>)
    case end
    case timeout
  }

  private func receive() -> Received {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
    if count > 0 { return .bytes(buffer[..<count]) }
    return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? .timeout : .end
  }
}

extension RawClient {
  private static func connect(port: UInt16) throws -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return try connect(&address, family: AF_INET)
  }

  private static func connect(path: String) throws -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8)) }
    return try connect(&address, family: AF_UNIX)
  }

  private static func connect<Address: BitwiseCopyable>(_ address: inout Address, family: Int32) throws -> Int32 {
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    let size = socklen_t(MemoryLayout<Address>.size)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe Glibc.connect(descriptor, $0, size) }
    }
    guard result == 0 else { throw Failure(reason: "connect: error \(errno)") }
    return descriptor
  }
}

/// An answer, taken apart.
struct Reply {
  var status: Int
  /// Names in lower case.
  var fields: [String: String]
  var body: String

  enum Parsed {
    case whole(Reply, length: Int)
    /// Not before there are so many bytes.
    case needs(Int)
  }

  static func parse(_ bytes: [UInt8], hasBody: Bool) -> Parsed {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return .needs(bytes.count + 1) }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    let length = end.upperBound + (hasBody ? fields["content-length"].flatMap { Int($0) } ?? 0 : 0)
    guard bytes.count >= length else { return .needs(length) }
    let body = String(decoding: bytes[end.upperBound..<length], as: UTF8.self)
    return .whole(Reply(status: status, fields: fields, body: body), length: length)
  }
}
