import Glibc

/// Both ends of a real TCP connection over 127.0.0.1.
final class LoopbackConnection {
  let serverPort: UInt16
  private let client: Int32
  private let server: Int32
  private var isOpen = true

  struct Failure: Error {
    let code: Int32
  }

  init() throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { Glibc.close(listener) }
    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = unsafe withUnsafeMutableBytes(of: &address) { bytes -> Int32 in
      let pointer = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
      if unsafe bind(listener, pointer, size) != 0 || listen(listener, 1) != 0 { return errno }
      if unsafe getsockname(listener, pointer, &size) != 0 { return errno }
      return unsafe connect(client, pointer, size) == 0 ? 0 : errno
    }
    self.client = client
    serverPort = UInt16(bigEndian: address.sin_port)
    server = result == 0 ? accept(listener, nil, nil) : -1
    guard result == 0, server >= 0 else { throw Failure(code: result) }
  }

  func send() {
    var octet: UInt8 = 1
    _ = unsafe Glibc.send(client, &octet, 1, Int32(MSG_NOSIGNAL))
  }

  /// The client first.
  func close() {
    guard isOpen else { return }
    isOpen = false
    Glibc.close(client)
    Glibc.close(server)
  }

  deinit {
    close()
  }
}
