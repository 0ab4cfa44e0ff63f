import FuzzDriver
import Glibc
import PacketDecoding

@testable import StatusServer

/// What a client may send, to the server as it runs: every answer is one of HTTP, none says that something went wrong,
/// and the connection comes to its end.
enum ServerTarget {
  private static let path = "/tmp/tcpstated-fuzz-\(getpid()).sock"
  private static let running = try? StatusServer(
    source: FuzzSource(),
    listen: Endpoint(address: IPAddress(ipv4: 0x7F00_0001), port: 0),
    socket: path,
    allowedHosts: [],
    metricsListen: nil
  ).start()

  static func run(_ octets: RawSpan) {
    guard running != nil, let descriptor = connected() else { return promise(false, "the server listens") }
    defer { close(descriptor) }
    var patience = timeval(tv_sec: 8, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
    _ = unsafe octets.withUnsafeBytes { unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    shutdown(descriptor, Int32(SHUT_WR))
    let answer = received(descriptor)
    guard !answer.isEmpty else { return }
    promise(answer.starts(with: Array("HTTP/1.1 ".utf8)), "an answer is one of HTTP")
    promise(!answer.starts(with: Array("HTTP/1.1 500".utf8)), "nothing goes wrong within the server")
  }

  private static func connected() -> Int32? {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    let result = unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else {
      close(descriptor)
      return nil
    }
    return descriptor
  }

  private static func received(_ descriptor: Int32) -> [UInt8] {
    var all: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe piece.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
      // The fuzzer's own alarm.
      if count < 0, errno == EINTR { continue }
      promise(count >= 0 || errno == ECONNRESET, "the connection comes to its end")
      guard count > 0 else { return all }
      if all.count < 64 { all += piece[..<count] }
    }
  }
}
