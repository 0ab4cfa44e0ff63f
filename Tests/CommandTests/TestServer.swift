import Foundation
import Glibc

/// Answers one request with given bytes, and keeps what it was asked.
final class TestServer: @unchecked Sendable {
  let url: String
  private let descriptor: Int32
  private let lock = NSCondition()
  private var received: String?

  /// - Parameter path: of a Unix socket; without it, a port of 127.0.0.1.
  init(answer: String, path: String? = nil, silent: Bool = false) throws {
    let (descriptor, url) = try path.map(Self.listen(path:)) ?? Self.listen()
    self.descriptor = descriptor
    self.url = url
    Thread { self.serve(answer, silent: silent) }.start()
  }

  deinit { close(descriptor) }

  /// The head of the request, once it is there.
  var request: String {
    lock.lock()
    defer { lock.unlock() }
    while received == nil { lock.wait() }
    return received ?? ""
  }

  private func serve(_ answer: String, silent: Bool) {
    let peer = accept(descriptor, nil, nil)
    defer { close(peer) }
    var head = ""
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !head.contains("\r\n\r\n") {
      let count = unsafe recv(peer, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      head += String(decoding: buffer[..<count], as: UTF8.self)
    }
    lock.lock()
    received = head
    lock.broadcast()
    lock.unlock()
    let bytes = Array(answer.utf8)
    unsafe bytes.withUnsafeBytes { _ = unsafe send(peer, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  }

  private static func listen() throws -> (Int32, String) {
    let (descriptor, url) = try bind()
    guard Glibc.listen(descriptor, 8) == 0 else { throw POSIXError(.EADDRINUSE) }
    return (descriptor, url)
  }

  /// A port of 127.0.0.1 that nobody else has.
  fileprivate static func bind() throws -> (Int32, String) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    try unsafe withUnsafeMutablePointer(to: &address) { pointer in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard unsafe Glibc.bind(descriptor, address, size) == 0,
          unsafe getsockname(descriptor, address, &size) == 0
        else { throw POSIXError(.EADDRINUSE) }
      }
    }
    return (descriptor, "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))")
  }

  private static func listen(path: String) throws -> (Int32, String) {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8)) }
    try unsafe withUnsafePointer(to: &address) { pointer in
      try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard unsafe Glibc.bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0,
          Glibc.listen(descriptor, 8) == 0
        else { throw POSIXError(.EADDRINUSE) }
      }
    }
    return (descriptor, "unix://\(path)")
  }
}

/// A port where connections are refused: it is held without listening, so that no other test gets it.
final class SilentPort {
  let url: String
  private let descriptor: Int32

  init() throws {
    (descriptor, url) = try TestServer.bind()
  }

  deinit { close(descriptor) }
}
